'use strict'
require('./mysql2-cases.cjs')(require('mysql2'), require('mysql2/promise'))
