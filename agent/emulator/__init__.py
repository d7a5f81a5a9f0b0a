"""A stand-in of the Nectar API on this machine, for the demo, for trying and for tests.

It answers every call of the contract from its own memory: companies, sites, jobs that take
time, documents and usage, every outcome of an upload, and faults at any byte of the line.
Bills are read by a plain text search that never gives a number that is not printed.

Two layers: `nectar.Emulator` is a state machine without sockets and without a clock;
`server.EmulatorServer` puts it on loopback. `behaviour.Behaviour` holds every setting.

Never lives here: anything of the agent. It is imported by the commands `demo` and `emulator`
and by tests only.
"""
