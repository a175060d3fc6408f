'use strict'
const pg = require('pg')

const isNew = require('pg/package.json').version !== '8.0.3'
require('./pg-cases.cjs')(
  pg,
  isNew ? { Cursor: require('pg-cursor'), QueryStream: require('pg-query-stream') } : undefined,
)
