'use strict'
require('./mongodb-cases.cjs')(require('mongodb'))
