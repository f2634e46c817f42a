"""`make run`: the local AWS, the HTTP gateway and the event pump. A tool, not shipped."""
