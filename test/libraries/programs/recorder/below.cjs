const [, , name] = process.argv
require('./requests.cjs')(require('./adapters.cjs')[name](require(name)))
