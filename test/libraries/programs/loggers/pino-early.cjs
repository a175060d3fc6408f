// pino and a logger of it, loaded before the preload is.
globalThis.early = { log: require('pino')() }
globalThis.early.log.info('before the preload')
