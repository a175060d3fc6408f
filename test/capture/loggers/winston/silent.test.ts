/**
 * `logger.silent` is ours to read, and stays winston's in all that an application can tell.
 */
import { expect, test } from 'vitest'

import { createWinstonInstrumentation } from '../../../../src/capture/loggers/winston/winston-instrumentation.ts'
import { createLogCollector } from '../../../support/log-sink.ts'
import { runChild } from '../../../support/child.ts'
import { createOutput, loadBridgedWinston, loadWinston } from '../../../support/winston.ts'

test('V8 keeps a logger that is heard as the plain object it is without us', async () => {
  const nodeArgs = ['--allow-natives-syntax']
  const bare = await runChild('loggers/fast-properties.cjs', { preload: 'none', nodeArgs })
  const heard = await runChild('loggers/fast-properties.cjs', { nodeArgs })
  expect(JSON.parse(bare.stdout)).toMatchObject({ isFast: [true, true], names: ['silent'] })
  expect(heard.stdout).toBe(bare.stdout)
})

test('it is set and read as without us: in the options, later, on a child, again by configure', () => {
  const bare = loadWinston()
  const { winston, bridge } = loadBridgedWinston({ records: createLogCollector().records })
  const seen = [bare, winston].map(({ createLogger, transports }) => {
    const { stream, lines } = createOutput()
    const options = { transports: [new transports.Stream({ stream })] }
    const logger = createLogger({ ...options, silent: true })
    logger.info('in the options')
    logger.silent = false
    logger.info('later')
    const child = logger.child({})
    const inherited = child.silent
    child.silent = true
    child.info('by the child')
    logger.silent = true
    const own = [logger.silent, child.silent]
    logger.configure(options)
    const again = logger.silent
    logger.info('configured')
    return { lines, inherited, own, again, keys: Object.keys(logger), isOwn: Object.hasOwn(child, 'silent') }
  })
  bridge.disable()
  expect(seen[1]).toEqual(seen[0])
  expect(seen[0]?.lines.length).toBe(3)
})

test('a logger made before it was heard is silent as it was', () => {
  const collector = createLogCollector()
  const winston = loadWinston()
  const { stream, lines } = createOutput()
  const early = winston.createLogger({ silent: true, transports: [new winston.transports.Stream({ stream })] })
  const undo = createWinstonInstrumentation({ records: collector.records }).attach(winston)
  early.info('not seen')
  early.silent = false
  early.info('seen')
  undo()
  expect(lines.length).toBe(1)
  expect(collector.only().body).toBe('seen')
})
