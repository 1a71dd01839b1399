#include "bridge/payload/js/prelude.h"

namespace helio::bridge::payload::js {

std::string_view prelude() {
    return R"JS(
(function (global) {
'use strict';
const stringify = JSON.stringify, parse = JSON.parse, isArray = Array.isArray;
const define = (name, value) => Object.defineProperty(global, name,
    {value, writable: true, configurable: true, enumerable: false});

const nothing = () => undefined;
define('console', {log: nothing, info: nothing, warn: nothing, error: nothing, debug: nothing,
                   trace: nothing, assert: nothing, table: nothing, time: nothing,
                   timeEnd: nothing});

const kBase64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
function btoa(text) {
    text = String(text);
    let out = '';
    for (let i = 0; i < text.length; i += 3) {
        const a = text.charCodeAt(i), b = text.charCodeAt(i + 1), c = text.charCodeAt(i + 2);
        if (a > 255 || b > 255 || c > 255) throw new RangeError('btoa: a character over 255');
        out += kBase64[a >> 2] + kBase64[(a & 3) << 4 | b >> 4] +
            (i + 1 < text.length ? kBase64[(b & 15) << 2 | c >> 6] : '=') +
            (i + 2 < text.length ? kBase64[c & 63] : '=');
    }
    return out;
}
function atob(text) {
    text = String(text).replace(/[\s=]/g, '').replace(/-/g, '+').replace(/_/g, '/');
    let out = '', bits = 0, count = 0;
    for (const c of text) {
        const value = kBase64.indexOf(c);
        if (value < 0) throw new RangeError('atob: not base64');
        bits = (bits << 6 | value) & 0xffffff;
        count += 6;
        if (count >= 8) out += String.fromCharCode(bits >> (count -= 8) & 255);
    }
    return out;
}
define('btoa', btoa);
define('atob', atob);

const utf8_encode = (text) => unescape(encodeURIComponent(text));
const utf8_decode = (text) => { try { return decodeURIComponent(escape(text)); } catch (e) { return text; } };
function bytes_from_text(text, encoding) {
    switch (String(encoding || 'utf8').toLowerCase()) {
        case 'hex': {
            const out = [];
            for (let i = 0; i + 1 < text.length; i += 2) {
                const byte = parseInt(text.substr(i, 2), 16);
                if (byte !== byte) break;
                out.push(byte);
            }
            return out;
        }
        case 'base64': case 'base64url': text = atob(text); break;
        case 'latin1': case 'binary': case 'ascii': break;
        default: text = utf8_encode(text);
    }
    return Array.from(text, (c) => c.charCodeAt(0) & 255);
}
// The part of Node's Buffer that codecs use.
class Buffer extends Uint8Array {
    static from(value, encoding) {
        if (typeof value === 'string') value = bytes_from_text(value, encoding);
        else if (value instanceof ArrayBuffer) value = new Uint8Array(value);
        else if (value && value.type === 'Buffer' && isArray(value.data)) value = value.data;
        const out = new Buffer(value.length);
        for (let i = 0; i < value.length; ++i) out[i] = value[i];
        return out;
    }
    static alloc(size, fill) { return new Buffer(size).fill(fill || 0); }
    static allocUnsafe(size) { return new Buffer(size); }
    static isBuffer(value) { return value instanceof Buffer; }
    static byteLength(text, encoding) { return bytes_from_text(String(text), encoding).length; }
    static concat(list) {
        const out = new Buffer(list.reduce((sum, part) => sum + part.length, 0));
        let at = 0;
        for (const part of list) { out.set(part, at); at += part.length; }
        return out;
    }
    view(at, size) {
        if (!(at >= 0 && at + size <= this.length)) {
            throw new RangeError('Buffer: ' + size + ' bytes at ' + at + ' are outside of its ' +
                this.length);
        }
        return new DataView(this.buffer, this.byteOffset, this.byteLength);
    }
    slice(from, to) {
        const part = super.subarray(from, to);
        return new Buffer(part.buffer, part.byteOffset, part.length);
    }
    subarray(from, to) { return this.slice(from, to); }
    equals(other) { return this.length === other.length && this.every((b, i) => b === other[i]); }
    copy(target, at = 0, from = 0, to = this.length) {
        const part = super.subarray(from, to);
        target.set(part, at);
        return part.length;
    }
    write(text, at = 0, length, encoding) {
        const bytes = bytes_from_text(text, encoding).slice(0, this.length - at);
        this.set(bytes, at);
        return bytes.length;
    }
    toJSON() { return {type: 'Buffer', data: Array.from(this)}; }
    toString(encoding, from, to) {
        const bytes = super.subarray(from || 0, to === undefined ? this.length : to);
        let text = '';
        if (String(encoding).toLowerCase() === 'hex') {
            for (const b of bytes) text += (b < 16 ? '0' : '') + b.toString(16);
            return text;
        }
        for (const b of bytes) text += String.fromCharCode(b);
        switch (String(encoding || 'utf8').toLowerCase()) {
            case 'base64': return btoa(text);
            case 'latin1': case 'binary': case 'ascii': return text;
            default: return utf8_decode(text);
        }
    }
    readUIntBE(at, n) { let v = 0; this.view(at, n); for (let i = 0; i < n; ++i) v = v * 256 + this[at + i]; return v; }
    readUIntLE(at, n) { let v = 0; this.view(at, n); for (let i = n; i-- > 0;) v = v * 256 + this[at + i]; return v; }
    readIntBE(at, n) { const v = this.readUIntBE(at, n), top = 2 ** (8 * n); return v >= top / 2 ? v - top : v; }
    readIntLE(at, n) { const v = this.readUIntLE(at, n), top = 2 ** (8 * n); return v >= top / 2 ? v - top : v; }
}
const kNumbers = {
    UInt8: ['Uint8', 1], Int8: ['Int8', 1], UInt16: ['Uint16', 2], Int16: ['Int16', 2],
    UInt32: ['Uint32', 4], Int32: ['Int32', 4], Float: ['Float32', 4], Double: ['Float64', 8],
    BigUInt64: ['BigUint64', 8], BigInt64: ['BigInt64', 8]};
for (const name in kNumbers) {
    const [kind, size] = kNumbers[name];
    for (const [suffix, little] of size === 1 ? [['', false]] : [['LE', true], ['BE', false]]) {
        const read = function (at = 0) { return this.view(at, size)['get' + kind](at, little); };
        const write = function (value, at = 0) {
            this.view(at, size)['set' + kind](at, value, little);
            return at + size;
        };
        for (const alias of [name, name.replace('UInt', 'Uint')]) {
            Object.defineProperty(Buffer.prototype, 'read' + alias + suffix, {value: read});
            Object.defineProperty(Buffer.prototype, 'write' + alias + suffix, {value: write});
        }
    }
}
for (const name of ['readUIntBE', 'readUIntLE']) {
    Object.defineProperty(Buffer.prototype, name.replace('UInt', 'Uint'), {value: Buffer.prototype[name]});
}
define('Buffer', Buffer);

const texts = (list) => list === undefined || list === null ? [] :
    (isArray(list) ? list : [list]).map((e) => e instanceof Error ? e.message : typeof e === 'string' ? e : stringify(e));
const is_object = (value) => value !== null && typeof value === 'object';
const problem = (list) => list.length === 0 ? '' : list.join('; ');

// The answer is a list of strings: result, error, warnings...
function decode(bytes, fPort, received_at, variables_json) {
    const variables = variables_json === '' ? {} : parse(variables_json);
    let result;
    if (typeof global_function('decodeUplink') === 'function') {
        result = global_function('decodeUplink')({bytes, fPort, recvTime: new Date(received_at), variables});
        if (!is_object(result)) return ['', 'decodeUplink returned ' + typeof result + ' where {data, errors, warnings} is expected'];
        const errors = texts(result.errors);
        if (errors.length !== 0) return ['', problem(errors)];
        const warnings = texts(result.warnings);
        if (!is_object(result.data)) return ['', 'decodeUplink returned no object in "data"'];
        return [stringify(result.data), ''].concat(warnings);
    }
    if (typeof global_function('Decode') === 'function') {
        result = global_function('Decode')(fPort, bytes, variables);
    } else if (typeof global_function('Decoder') === 'function') {
        result = global_function('Decoder')(bytes, fPort);
    } else {
        return ['', 'the codec has no function decodeUplink(input)'];
    }
    if (!is_object(result)) return ['', 'the codec returned no object'];
    return [stringify(result), ''];
}
// The result here is "FPort,byte,byte...".
function encode(object_json, fPort, variables_json) {
    const variables = variables_json === '' ? {} : parse(variables_json);
    const data = parse(object_json);
    let result;
    if (typeof global_function('encodeDownlink') === 'function') {
        result = global_function('encodeDownlink')({data, fPort, variables});
        if (!is_object(result)) return ['', 'encodeDownlink returned ' + typeof result + ' where {bytes, fPort} is expected'];
    } else if (typeof global_function('Encode') === 'function') {
        result = {bytes: global_function('Encode')(fPort, data, variables)};
    } else if (typeof global_function('Encoder') === 'function') {
        result = {bytes: global_function('Encoder')(data, fPort)};
    } else {
        return ['', 'the codec has no function encodeDownlink(input)'];
    }
    const errors = texts(result.errors);
    if (errors.length !== 0) return ['', problem(errors)];
    const bytes = result.bytes;
    if (!isArray(bytes) && !(bytes instanceof Uint8Array)) return ['', 'the codec returned no list of bytes'];
    let out = String(result.fPort === undefined ? 0 : Number(result.fPort));
    for (let i = 0; i < bytes.length; ++i) {
        const byte = Number(bytes[i]);
        if (!(byte >= -128 && byte <= 255)) return ['', 'byte ' + i + ' of the result is ' + bytes[i] + ', which is none'];
        out += ',' + (Math.trunc(byte) & 255);
    }
    return [out, ''].concat(texts(result.warnings));
}
// Whether there is anything to call.
function check() {
    const names = ['decodeUplink', 'Decode', 'Decoder', 'encodeDownlink', 'Encode', 'Encoder'];
    for (const name of names) {
        if (typeof global_function(name) === 'function') return ['', ''];
    }
    return ['', 'it defines no function decodeUplink(input) or encodeDownlink(input)'];
}
// A custom authorizer: the handler returns its answer or a promise of it, or calls back.  The list is
// read when all that was promised has run.
function authorize(event_json) {
    const answer = ['', 'the authorizer neither returned an answer nor called back'];
    const refuse = (error) => {
        answer[0] = '';
        answer[1] = 'the authorizer failed: ' + (error instanceof Error ? error.message : String(error));
    };
    const accept = (value) => {
        if (!is_object(value)) return refuse('it answered ' + typeof value + ' where an object is expected');
        answer[0] = stringify(value);
        answer[1] = '';
    };
    const done = (error, value) => error ? refuse(error) : accept(value);
    const exported = global.module.exports;
    const handler = global_function('handler') ||
        (is_object(exported) ? exported.handler : undefined) || global.exports.handler;
    if (typeof handler !== 'function') return ['', 'the authorizer has no function handler(event)'];
    const context = {succeed: accept, fail: refuse, done};
    const returned = handler(parse(event_json), context, done);
    if (is_object(returned) && typeof returned.then === 'function') returned.then(accept).catch(refuse);
    else if (returned !== undefined) accept(returned);
    return answer;
}
// Codecs declare their functions as `function f`, `var f`, `const f` or `let f`: by name finds all.
const indirect_eval = eval;
const found = {};
function global_function(name) {
    if (!(name in found)) {
        found[name] = indirect_eval('typeof ' + name + ' === "function" ? ' + name + ' : undefined');
    }
    return found[name];
}
return {decode, encode, check, authorize};
})(globalThis)
)JS";
}

}  // namespace helio::bridge::payload::js
