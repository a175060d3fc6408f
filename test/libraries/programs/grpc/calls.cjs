const grpc = require('@grpc/grpc-js')
require('./run.cjs')(grpc)
