// A server of GraphQL, asked for operations with and without a name, and for two in one request. Prints how often a frame of ours was in
// a resolver's stack. With ASKS it asks graphql which operation is meant of each valid document, as servers do before they execute it.
const { createServer } = require('node:http')
const { connect } = require('node:net')
const { once } = require('node:events')

Error.stackTraceLimit = 200

const DOCUMENTS = {
  '/named': [{ source: 'query First { a } mutation Second { b }', operationName: 'Second' }],
  '/unnamed': [{ source: '{ a }' }],
  '/batch': [{ source: 'query One { a }' }, { source: 'query Two { a }' }],
  '/wrong': [{ source: 'query Wrong { none }' }],
  '/fails': [{ source: 'query Fails { fails }' }],
  '/rejects': [{ source: 'query Rejects { rejects a }' }],
}

module.exports = async function serve({ buildSchema, graphql, getOperationAST, parse, validate }) {
  const schema = buildSchema('type Query { a: Int fails: Int rejects: Int } type Mutation { b: Int }')
  let ours = 0
  const resolve = () => {
    if (/\bengine(?:-\w+)?\.cjs/.test(new Error().stack)) ours++
    return 1
  }
  const fails = () => {
    throw new TypeError('no stock')
  }
  const rejects = async () => {
    throw new Error('no answer')
  }
  const server = createServer(async (request, response) => {
    const results = []
    for (const { source, operationName } of process.env.ASKS ? DOCUMENTS[request.url] : []) {
      const document = parse(source)
      if (validate(schema, document).length === 0) getOperationAST(document, operationName)
    }
    for (const one of DOCUMENTS[request.url]) results.push(await graphql({ schema, rootValue: { a: resolve, b: resolve, fails, rejects }, ...one }))
    response.end(JSON.stringify(results))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  for (const path of Object.keys(DOCUMENTS)) {
    const socket = connect(server.address().port, '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n`)
    await once(socket.resume(), 'close')
  }
  server.close()
  process.stdout.write(String(ours))
}
