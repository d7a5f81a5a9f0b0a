"""Files as bytes: fingerprint, end mark, examination, the bytes to send.

Here lives all that opens an original, always for reading alone and never for longer than the
read. PDFs and pictures are opened in a helper process, so that hostile bytes can harm neither the
agent nor its memory. Never here: uploading, and choosing what follows.

``content`` reads a file, ``end_mark`` tells whether it is complete, ``Examiner`` whether Nectar
can read it, ``Cloud`` whether its content is on this disk, and brings it. ``examine_process`` and
``recall_process`` are the helpers' own sides and import next to nothing.
"""
