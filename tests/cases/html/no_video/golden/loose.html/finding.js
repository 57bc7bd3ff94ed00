(a script)
