import { fileURLToPath } from 'node:url'

import grpc from '@grpc/grpc-js'
import protoLoader from '@grpc/proto-loader'

const file = fileURLToPath(new URL('pricing.proto', import.meta.url))

export const { shop } = grpc.loadPackageDefinition(protoLoader.loadSync(file, { keepCase: true }))
