// What is an ES module alone is required too.
require('./front.cjs').run((name) => require(name))
