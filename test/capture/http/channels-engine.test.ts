/** The default engine does everything in the contract. */
import { httpEngineContract } from '../../contract/http-engine.contract.ts'

httpEngineContract('channels', {})
