import * as grpc from '@grpc/grpc-js'

import run from './run.cjs'

run(grpc)
