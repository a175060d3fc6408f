// Sends the mails of the queue. The mail server of this example is out of order the first time that it is asked.
const { Worker } = require('bullmq')

const logger = require('./logger')
const { connection } = require('./queue')

const log = logger.child({ component: 'mailer' })

async function send({ email }, attempt) {
  log.info('connecting to the mail server', { attempt })
  await new Promise((resolve) => setTimeout(resolve, 5))
  if (attempt === 1) throw Object.assign(new Error('greylisted, try again'), { responseCode: 451 })
  log.info('accepted', { domain: email.split('@')[1] })
}

const worker = new Worker('mails', (job) => send(job.data, job.attemptsMade + 1), { connection, concurrency: 2 })

worker.on('failed', (job, error) => log.error('mail failed', { job: job.id, error }))
worker.on('completed', (job) => log.info('mail sent', { job: job.id }))
worker.waitUntilReady().then(() => log.info('ready'))

process.once('SIGTERM', () => worker.close())
