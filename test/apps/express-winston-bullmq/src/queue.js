const { Queue } = require('bullmq')

const connection = { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', maxRetriesPerRequest: null }

module.exports = { connection, mails: () => new Queue('mails', { connection }) }
