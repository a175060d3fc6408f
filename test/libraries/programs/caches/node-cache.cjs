'use strict'
require('./node-cache-cases.cjs')(require('node-cache'))
