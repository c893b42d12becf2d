import { explore } from '@colony/testing'
import { renderText } from '@colony/testing/report'
import { saveInto } from '@colony/testing/node'
import { raftSuite } from './sim/raft-suite.ts'
const save = saveInto('/root/h4/out/raft')
await explore(raftSuite as any, { seeds: [7], file: 'x', save: async (run: any) => { console.log(Object.keys(run), run.timeline?.events.length, run.timeline?.forgotten, run.operations?.length); console.log(renderText(run, { lines: 50 })); return save(run) } } as any)
