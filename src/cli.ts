#!/usr/bin/env node
/**
 * The bin `tracelog`: argv -> command (cli/main.ts) -> exit code.
 */
import { processIo } from './cli/io.ts'
import { main } from './cli/main.ts'

// Not process.exit: what was written to a pipe must still go out.
process.exitCode = await main(process.argv.slice(2), processIo())
