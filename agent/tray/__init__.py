"""The tray icon: what a person sees of the agent without a terminal, in a process of its own.

Pure: ``seen`` (what is known at one instant), ``troubles``, ``menu`` and ``notices`` (what is
shown, offered and told of it), ``wishes`` (what a click asks for), ``picture`` (how a state is
drawn). Edges: ``showing`` chooses how the icon comes on the screen, ``loading`` loads pystray and
its backends, ``plain_x`` mends one of them, ``status_notifier`` and ``dbus_menu`` are one over
D-Bus, which ``leaving`` leaves, ``pystray_menu`` makes pystray's menu, ``notifying`` sends
notifications, ``opening`` opens folders and texts, ``advice`` writes what there is to do, ``told``
keeps what was told. ``tray`` puts all that together.

The tray writes nothing into the store but requests, and can come and go while the service works.
"""
