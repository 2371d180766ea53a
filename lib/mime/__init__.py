"""Mail as bytes in, plain values out: no Django, no clock, no settings, no network.

`child.ParserChild` is the door for everybody else: mail is parsed in a process that may die.
"""
