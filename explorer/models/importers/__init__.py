"""Models made elsewhere: their files read into networks, in a process with limits (`explorer.work.limits`)."""
