// Prints the version of pino that `import` gives here.
import { createRequire } from 'node:module'

import pino from 'pino'

process.stdout.write(pino.version ?? createRequire(import.meta.url)('pino/package.json').version)
