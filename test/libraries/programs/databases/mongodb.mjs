import { MongoClient } from 'mongodb'

import runMongodb from './mongodb-cases.cjs'

await runMongodb({ MongoClient })
