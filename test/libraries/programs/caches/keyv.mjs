import { Cacheable } from 'cacheable'
import { Keyv } from 'keyv'

import runKeyv from './keyv-cases.cjs'

await runKeyv({ Keyv, Cacheable })
