require('./ask.cjs')((name) => require(name))
