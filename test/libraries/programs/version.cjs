// Prints the version of pino that `require` gives here.
process.stdout.write(require('pino').version ?? require('pino/package.json').version)
