import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  createProcessGroup,
  type ProcessGroup,
  type ProcessOptions,
  type RealProcess,
} from '../../../src/node/index.ts'
import type { FromEcho, ToEcho } from './echo-program.ts'
import type { Orphans } from './parent-program.ts'
import { eventually, groupOfTest, isRunning, LOADER, stateOf } from './processes.ts'

// Each test starts processes, which takes a busy machine seconds.
vi.setConfig({ testTimeout: 60_000 })

const ECHO = new URL('./echo-program.ts', import.meta.url)

function startEcho(
  group: ProcessGroup,
  options: ProcessOptions<FromEcho> = {},
): RealProcess<ToEcho, FromEcho> {
  return group.start<ToEcho, FromEcho>(ECHO, { nodeOptions: LOADER, ...options })
}

async function echo(running: RealProcess<ToEcho, FromEcho>, text: string): Promise<string> {
  running.send({ echo: text })
  return await running.hear((message) => ('echoed' in message ? message.echoed : undefined))
}

const ready = (message: FromEcho): FromEcho | undefined => ('ready' in message ? message : undefined)

describe('a process', () => {
  test('says that it is ready, with its arguments and environment, and answers', async () => {
    const group = await groupOfTest()
    const messages: FromEcho[] = []
    const env = { ECHO_TEST: 'here' }
    const onMessage = (message: FromEcho): void => void messages.push(message)
    const running = startEcho(group, { args: ['one', '2'], env, onMessage })
    expect(await running.hear(ready)).toEqual({ ready: true, args: ['one', '2'], env: 'here' })
    expect(await echo(running, 'hello')).toBe('hello')
    expect(messages.at(-1)).toEqual({ echoed: 'hello' })
    expect([running.name, running.state, group.running]).toEqual(['echo-program.ts', 'up', 1])
  })

  test('is killed without a farewell, which is no loss, and is not heard any more', async () => {
    const group = await groupOfTest()
    const lost: Error[] = []
    const running = startEcho(group, { onLost: (error) => lost.push(error) })
    await running.hear(ready)
    const waiting = running.hear(() => undefined, { what: 'anything' })
    const [end] = await Promise.all([
      running.kill(),
      expect(waiting).rejects.toThrow(/not said anything: it was killed/),
    ])
    expect(end).toEqual({ code: null, signal: 'SIGKILL' })
    expect([running.state, isRunning(running.pid ?? 0), group.running, lost]).toEqual(['down', false, 0, []])
    running.send({ echo: 'nobody' })
    await expect(running.hear(ready)).rejects.toThrow(/it is down/)
  })

  test('stands still while it is paused, and goes on with what was sent meanwhile', async () => {
    const group = await groupOfTest()
    const running = startEcho(group)
    await running.hear(ready)
    running.pause()
    expect(running.state).toBe('paused')
    if (process.platform === 'linux')
      await eventually('it is stopped', () => stateOf(running.pid ?? 0) === 'T')
    const answer = echo(running, 'late')
    expect(await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, 'nothing'))])).toBe(
      'nothing',
    )
    running.resume()
    expect(await answer).toBe('late')
    expect(running.state).toBe('up')
    running.pause()
    await running.kill()
    running.resume()
    expect(running.state).toBe('down')
  })

  test('that ends on its own is lost, with what it wrote to its error output', async () => {
    const group = await groupOfTest()
    const lost: Error[] = []
    const onLost = (error: Error): void => void lost.push(error)
    const failing = startEcho(group, { name: 'the failing one', onLost })
    await failing.hear(ready)
    failing.send({ fail: 'no disk' })
    await failing.ended
    await eventually('its loss is told', () => lost.length === 1)
    expect(lost[0]).toMatchObject({ code: 'TESTING_PROCESS_FAILED' })
    expect(lost[0]?.message).toMatch(/the failing one: it exited with code 1 on its own:\n[^]*Error: no disk/)
    const leaving = startEcho(group, { onLost })
    leaving.send({ exit: 7 })
    await expect(leaving.hear(() => undefined)).rejects.toMatchObject({ code: 'TESTING_PROCESS_FAILED' })
    await eventually('the other loss is told', () => lost.length === 2)
    expect(lost[1]?.message).toMatch(/exited with code 7/)
  })

  test('that says nothing in time is given up', async () => {
    const group = await groupOfTest()
    const running = startEcho(group)
    const heard = running.hear(() => undefined, { what: 'where it listens', withinMs: 5 })
    await expect(heard).rejects.toThrow(/echo-program.ts has not said where it listens: not within 5 ms/)
  })
})

describe('a group', () => {
  test('kills what runs, paused ones too, and removes its directory', async () => {
    const group = await createProcessGroup()
    onTestFinished(async () => await group.close())
    const members = [startEcho(group), startEcho(group)] as const
    await Promise.all(members.map(async (member) => await member.hear(ready)))
    members[0].pause()
    await writeFile(join(group.directory, 'file'), 'text')
    await group.killAll()
    expect([group.running, existsSync(group.directory)]).toEqual([0, true])
    const last = startEcho(group)
    await last.hear(ready)
    await Promise.all([group.close(), group.close()])
    expect(isRunning(last.pid ?? 0)).toBe(false)
    expect(members.map(({ pid = 0 }) => isRunning(pid))).toEqual([false, false])
    expect(existsSync(group.directory)).toBe(false)
    expect(isRunning(group.guardPid ?? 0)).toBe(false)
    expect(() => startEcho(group)).toThrow(/closed/)
  })

  test.each<[string, string, (parent: ReturnType<typeof fork>) => void]>([
    ['kill -9', 'wait', (parent) => void parent.kill('SIGKILL')],
    ['an exit', 'wait', (parent) => void parent.send('exit')],
    ['an exception', 'wait', (parent) => void parent.send('throw')],
  ])('leaves nothing behind when its process ends by %s', async (_, mode, end) => {
    const file = fileURLToPath(new URL('./parent-program.ts', import.meta.url))
    const parent = fork(file, [mode], { execArgv: [...LOADER], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    onTestFinished(() => void parent.kill('SIGKILL'))
    const [{ pids, guard, directory }] = (await once(parent, 'message')) as [Orphans]
    expect([...pids, guard].map(isRunning)).toEqual([true, true, true])
    expect(existsSync(directory)).toBe(true)
    const ended = once(parent, 'exit')
    end(parent)
    await ended
    await eventually('nothing is left', () => ![...pids, guard].some(isRunning) && !existsSync(directory))
  })
})
