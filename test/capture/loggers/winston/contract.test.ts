/** winston 3 holds what every logger holds; its own options and formats are table.test.ts's. */
import { loggerContract } from '../../../contract/logger.contract.ts'

loggerContract({ name: 'winston', sets: ['newest'] })
