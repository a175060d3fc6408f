/** What applications do with mongodb, as cases of requests.cjs. */
'use strict'
const runRequests = require('./requests.cjs')

module.exports = async function runMongodb({ MongoClient }) {
  const client = new MongoClient(process.env.MONGO_URL, { maxPoolSize: 1 })
  // Not asked for: nothing may come.
  const unasked = []
  client.on('commandStarted', ({ commandName }) => unasked.push(commandName))
  const monitored = new MongoClient(process.env.MONGO_URL, { monitorCommands: true })
  const asked = []
  monitored.on('commandStarted', ({ commandName }) => asked.push(`${commandName} started`))
  monitored.on('commandSucceeded', ({ commandName }) => asked.push(`${commandName} succeeded`))
  monitored.on('commandFailed', ({ commandName }) => asked.push(`${commandName} failed`))
  await client.connect()
  const db = client.db('shop')
  const orders = db.collection('orders')
  await orders.drop().catch(() => {})

  const waits = async (say) => {
    await orders.findOne({ mail: 'ann@shop.test' })
    say('found')
    await orders.countDocuments()
    say('counted')
  }
  const cases = {
    async insert(say) {
      await orders.insertMany(Array.from({ length: 25 }, (_, at) => ({ _id: at, mail: `ann${at}@shop.test` })))
      say('afterwards')
    },
    async find(say) {
      let rows = 0
      for await (const { _id } of orders.find({ mail: /shop.test/ }).batchSize(10)) rows += _id >= 0 ? 1 : 0
      say(`found ${rows}`)
    },
    async aggregate(say) {
      const rows = await orders.aggregate([{ $match: { mail: 'ann1@shop.test' } }, { $count: 'n' }]).toArray()
      say(`counted ${rows[0].n}`)
    },
    async update(say) {
      await orders.updateOne({ _id: 1 }, { $set: { mail: 'x@shop.test' } })
      await orders.deleteOne({ _id: 2 })
      say('afterwards')
    },
    async duplicate(say) {
      await orders.insertOne({ _id: 1, mail: 'my secret' }).catch(({ code }) => say(`caught ${code}`))
    },
    async refusedCommand(say) {
      await db.command({ noSuchCommand: 'my secret' }).catch(({ code }) => say(`caught ${code}`))
    },
    async monitored(say) {
      await monitored.db('shop').collection('orders').findOne({ _id: 3 })
      await monitored.db('shop').command({ noSuchCommand: 1 }).catch(() => {})
      say(`heard ${asked.filter((each) => !/^hello|^ismaster/i.test(each)).join(', ')}`)
      say(`unasked ${unasked.length}`)
    },
    waitsA: waits,
    waitsB: waits,
    waitsC: waits,
  }
  await runRequests(cases, ['waitsA', 'waitsB', 'waitsC'])
  await monitored.close()
  await client.close()
}
