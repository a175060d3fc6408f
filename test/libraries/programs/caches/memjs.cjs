'use strict'
require('./memjs-cases.cjs')(require('memjs'))
