// POST /signups { "email": ... } is answered at once; the mail is sent by the worker.
const express = require('express')

const logger = require('./logger')
const { mails } = require('./queue')

const app = express()
const queue = mails()

app.use(express.json())

app.post('/signups', async (request, response) => {
  const { email } = request.body ?? {}
  if (typeof email !== 'string' || !email.includes('@')) {
    logger.warn('sign-up refused', { email })
    return response.status(400).json({ error: 'no mail address' })
  }
  logger.info('sign-up', { domain: email.split('@')[1] })
  const job = await queue.add('welcome', { email }, { attempts: 3, backoff: 50, removeOnComplete: true })
  logger.info('mail queued', { job: job.id })
  response.status(202).json({ job: job.id })
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  logger.info('listening', { port: server.address().port })
})

process.once('SIGTERM', async () => {
  server.close()
  await queue.close()
})
