/**
 * Cases of a program as requests: each is answered by a handler whose lines and spans are of one trace, or something is wrong.
 *
 * A case says where it is by `say('place')`: a line of console, which carries the trace that is active there. Frames of ours in the stack
 * there are printed.
 */
'use strict'
const http = require('node:http')

/**
 * @param cases  by path: what is done within the request
 * @param together  paths that are asked at once; all others one after the other
 */
module.exports = async function runRequests(cases, together = []) {
  const server = http.createServer((request, response) => {
    const name = request.url.slice(1)
    const say = (place) => {
      console.log(`${name} ${place}`)
      const ours = new Error('here').stack.split('\n').filter((line) => /dist[\\/](?:engine|register)/.test(line))
      if (ours.length > 0) console.log(`frames of ours in ${name} ${place}: ${ours.join(' ')}`)
    }
    Promise.resolve()
      .then(() => cases[name](say))
      .then(
        () => response.end('ok'),
        (error) => {
          console.log(`${name} failed: ${error.stack}`)
          response.writeHead(500).end()
        },
      )
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const ask = (name) =>
    new Promise((resolve, reject) => {
      http
        .get({ port: server.address().port, path: `/${name}`, agent: false }, (answer) => answer.resume().on('end', resolve))
        .on('error', reject)
    })
  for (const name of Object.keys(cases)) if (!together.includes(name)) await ask(name)
  await Promise.all(together.map(ask))
  server.close()
}
