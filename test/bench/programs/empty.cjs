// A process that does nothing: what is measured is what comes before it.
process.exitCode = 0
