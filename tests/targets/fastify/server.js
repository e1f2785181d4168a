'use strict'
// A small chat app on @fastify/session, with that library's defaults: rolling and
// saveUninitialized on, cookie name `sessionId`, sessions in its own memory store.

const fastify = require('fastify')
const cookie = require('@fastify/cookie')
const session = require('@fastify/session')
const { promisify } = require('node:util')
const crypto = require('node:crypto')

const SIX_MONTHS = 15768000 * 1000 // ms
const AGENT_TOKEN = process.env.AGENT_TOKEN
const SECRET = process.env.SESSION_SECRET || crypto.randomBytes(32).toString('hex')
if (!AGENT_TOKEN) {
  console.error('AGENT_TOKEN is not set')
  process.exit(2)
}

// The library's default store, made here so that the agent's routes can reach it too.
const store = new session.MemoryStore()
const sessions = {
  get: promisify(store.get.bind(store)),
  set: promisify(store.set.bind(store)),
  destroy: promisify(store.destroy.bind(store))
}

// A proxy on loopback is in front: request.ip is the last hop of X-Forwarded-For.
const app = fastify({ trustProxy: 'loopback', logger: false })

const textBody = {
  body: {
    type: 'object',
    required: ['text'],
    properties: { text: { type: 'string', minLength: 1, maxLength: 4096 } }
  }
}
const pageBody = {
  body: { type: 'object', properties: { page: { type: 'string', maxLength: 2048 } } }
}

app.get('/now', async () => ({ now: Date.now() }))

// ---- the visitor's chatbox -------------------------------------------------------------

app.register(async (chat) => {
  chat.register(cookie)
  chat.register(session, {
    secret: SECRET,
    store,
    cookie: { secure: false, maxAge: SIX_MONTHS }
  })

  // The session of this website, or none. A session of another website is not this one's.
  const known = (request) =>
    request.session.website === request.params.website ? request.session : null

  // Only a load makes a session: drop the one that the library just began for this request.
  const unknown = async (request, reply) => {
    if (!request.session.website) await request.session.destroy()
    return reply.code(404).send({ error: 'no session' })
  }

  const view = (s) => ({ session: s.sessionId, messages: s.messages })

  chat.post('/load', { schema: pageBody }, async (request) => {
    if (request.session.website && !known(request)) {
      // A cookie of another website: begin a session of its own, leave the other one alone.
      await promisify(chat.decryptSession)('', request)
    }
    const s = request.session
    if (!s.website) {
      s.website = request.params.website
      s.created = Date.now()
      s.messages = []
      s.pages = []
    }
    s.ip = request.ip
    s.pages.push(request.body.page || '/')
    return view(s)
  })

  chat.post('/page', { schema: pageBody }, async (request, reply) => {
    const s = known(request)
    if (!s) return unknown(request, reply)
    s.pages.push(request.body.page || '/')
    return { session: s.sessionId }
  })

  chat.get('/messages', async (request, reply) => {
    const s = known(request)
    return s ? view(s) : unknown(request, reply)
  })

  chat.post('/messages', { schema: textBody }, async (request, reply) => {
    const s = known(request)
    if (!s) return unknown(request, reply)
    s.messages.push({ from: 'visitor', text: request.body.text })
    return reply.code(201).send(view(s))
  })
}, { prefix: '/chat/:website' })

// ---- the website's agent: what the store holds -----------------------------------------

app.register(async (agent) => {
  agent.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${AGENT_TOKEN}`) {
      return reply.code(401).send({ error: 'agent token' })
    }
  })

  const view = (id, s) => ({ session: id, ip: s.ip, messages: s.messages })
  const missing = (reply) => reply.code(404).send({ error: 'no session' })

  agent.get('/sessions/:id', async (request, reply) => {
    const s = await sessions.get(request.params.id)
    return s ? view(request.params.id, s) : missing(reply)
  })

  agent.post('/sessions/:id/messages', { schema: textBody }, async (request, reply) => {
    const s = await sessions.get(request.params.id)
    if (!s) return missing(reply)
    s.messages.push({ from: 'agent', text: request.body.text })
    await sessions.set(request.params.id, s)
    return reply.code(201).send(view(request.params.id, s))
  })

  agent.delete('/sessions/:id', async (request, reply) => {
    if (!await sessions.get(request.params.id)) return missing(reply)
    await sessions.destroy(request.params.id)
    return reply.code(204).send()
  })
}, { prefix: '/agent' })

// ---- start and stop --------------------------------------------------------------------

process.on('SIGTERM', () => app.close().then(() => process.exit(0)))

app.listen({ host: '127.0.0.1', port: Number(process.env.PORT || 0) }).then(
  () => console.log(`listening on http://127.0.0.1:${app.server.address().port}`),
  (err) => {
    console.error(err.message)
    process.exit(1)
  }
)
