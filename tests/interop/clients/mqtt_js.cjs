// MQTT.js as a client: connects, subscribes, sends itself a message, stays idle over several
// keep-alives, sends another, and prints what it heard as JSON.
//   node mqtt_js.cjs '{"url": ..., "options": {...}, "topic": ..., "size": ..., "idle_ms": ...}'
'use strict';

const mqtt = require('mqtt');

const job = JSON.parse(process.argv[2]);
const heard = [];

function end(result) {
  process.stdout.write(JSON.stringify(result) + '\n', () => process.exit(0));
}

const client = mqtt.connect(job.url, {reconnectPeriod: 0, connectTimeout: 20000, ...job.options});
client.on('error', (error) => end({refused: error.message, code: error.code}));
client.on('close', () => end({refused: 'closed'}));
client.on('message', (topic, payload) => {
  heard.push([topic, payload.length]);
  if (heard.length === 1) {
    setTimeout(() => client.publish(job.topic, 'again', {qos: 1}), job.idle_ms);
  } else {
    client.removeAllListeners('close');
    client.end(false, {}, () => end({heard, protocol: client.stream.socket?.protocol}));
  }
});
client.on('connect', () => client.subscribe(job.topic, {qos: 1}, (error, granted) => {
  if (error || granted[0].qos !== 1) return end({refused: 'the subscription'});
  client.publish(job.topic, 'x'.repeat(job.size), {qos: 1});
}));
