require('./serve.cjs')(require)
