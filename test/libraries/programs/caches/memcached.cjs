'use strict'
require('./memcached-cases.cjs')(require('memcached'))
