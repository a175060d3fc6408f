// Logs 50,000 lines/s for some seconds, in pieces of 100 as a busy server would. argv: seconds.
// Tells how late its event loop was, and what CPU each piece took of the main thread: that does not depend on who else is running.
const { openSync, readSync } = require('node:fs')
const { monitorEventLoopDelay } = require('node:perf_hooks')
const { Writable } = require('node:stream')
const winston = require('winston')

const PER_SECOND = 50_000
const PIECE = 100
const WARM_UP_MILLIS = 2000
const seconds = Number(process.argv[2])
const nowhere = new Writable({ write: (_c, _e, done) => done(), writev: (_c, done) => done() })
const logger = winston.createLogger({
  format: winston.format.json(),
  transports: [new winston.transports.Stream({ stream: nowhere })],
})
const delay = monitorEventLoopDelay({ resolution: 1 })
const from = performance.now()
let logged = 0
let isMeasured = false
/** Milliseconds. */
const ofPieces = []
const schedstat = process.platform === 'linux' ? openSync('/proc/thread-self/schedstat') : undefined
const text = Buffer.alloc(80)
function cpuMillis() {
  if (schedstat === undefined) return Number.NaN
  const length = readSync(schedstat, text, 0, text.length, 0)
  return Number(text.latin1Slice(0, length).split(' ')[0]) / 1e6
}
let turnBegan = 0
let piecesOfTurn = 0
/** What the loop did between two turns (collections of garbage, messages of the worker) counts for the pieces before. */
function account() {
  const now = cpuMillis()
  if (isMeasured) for (let i = 0; i < piecesOfTurn; i++) ofPieces.push((now - turnBegan) / piecesOfTurn)
  turnBegan = now
  piecesOfTurn = 0
}

function piece() {
  account()
  const now = performance.now() - from
  if (now > WARM_UP_MILLIS + seconds * 1000) return finish()
  if (!isMeasured && now > WARM_UP_MILLIS) isMeasured = delay.enable()
  // At most ten pieces behind: who is late catches up, but not in one go.
  for (let pieces = 0; pieces < 10 && logged < (now / 1000) * PER_SECOND; pieces++) {
    piecesOfTurn += 1
    for (let i = 0; i < PIECE; i++) {
      logger.info(`item ${logged++} read`, { 'url.path': '/items/1', 'user.id': i, 'cache.hit': true, tenant: 'acme' })
    }
  }
  setTimeout(piece, 1)
}

function finish() {
  delay.disable()
  const millis = (nanos) => nanos / 1e6
  const { user, system } = process.cpuUsage()
  ofPieces.sort((a, b) => a - b)
  const pieceAt = (share) => ofPieces[Math.floor(ofPieces.length * share)] ?? Number.NaN
  process.send({
    logged,
    perSecond: logged / (WARM_UP_MILLIS / 1000 + seconds),
    p50: millis(delay.percentile(50)),
    p99: millis(delay.percentile(99)),
    max: millis(delay.max),
    piece50: pieceAt(0.5),
    piece99: pieceAt(0.99),
    cpu: (user + system) / 1e6 / (WARM_UP_MILLIS / 1000 + seconds),
  })
  process.disconnect()
}
piece()
