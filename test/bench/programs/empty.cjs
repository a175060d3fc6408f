// A process that does nothing: what is measured is what comes before it.
