import { MemoryStage } from '../../src/export/memory-stage.ts'
import { MAX_BYTES, SEATS, testStage } from '../contract/stage.contract.ts'

testStage('memory', () => new MemoryStage({ maxBytes: MAX_BYTES, seats: SEATS }))
