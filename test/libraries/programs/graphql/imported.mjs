import * as graphql from 'graphql'

import serve from './serve.cjs'

await serve(graphql)
