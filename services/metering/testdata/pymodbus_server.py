"""A Modbus/TCP server made of pymodbus: python3 pymodbus_server.py PORT

Unit 1 is an Eastron SDM630 (floats), unit 2 an ABB B23 (signed 32-bit power,
64-bit energy), unit 3 a Siemens PAC3200 (64-bit float energy), unit 4 a
Carlo Gavazzi EM340 (32 bits, low word first). Unit 2 has a hole in its
registers. Other units do not exist and get no answer at all.
"""
import asyncio
import struct
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.server import StartAsyncTcpServer


def words(packed):
    return list(struct.unpack(">%dH" % (len(packed) // 2), packed))


def block(first, last, values):
    registers = {addr: 0 for addr in range(first, last + 1)}
    for addr, packed in values.items():
        for i, word in enumerate(words(packed)):
            registers[addr + i] = word
    return registers


def f32(value):
    return struct.pack(">f", value)


def low_first(value):
    high, low = words(struct.pack(">i", value))
    return struct.pack(">HH", low, high)


def unit(**blocks):
    return ModbusSlaveContext(zero_mode=True, **{k: ModbusSparseDataBlock(v) for k, v in blocks.items()})


sdm630 = block(0x00, 0x4B, {0x00: f32(230.5), 0x06: f32(12.25), 0x34: f32(7603.0), 0x46: f32(50.02), 0x48: f32(1234.5)})
abb = block(0x5000, 0x5007, {0x5000: struct.pack(">Q", 12345678901234)})
abb.update(block(0x5B00, 0x5B13, {0x5B00: struct.pack(">I", 2305)}))
abb.update(block(0x5B14, 0x5B2C, {0x5B14: struct.pack(">i", -123456), 0x5B2C: struct.pack(">H", 5001)}))
pac = block(1, 70, {1: f32(229.5), 55: f32(49.98), 65: f32(3795.0)})
pac.update(block(801, 812, {801: struct.pack(">d", 1234567890.0)}))
em340 = block(0x00, 0x4F, {0x00: low_first(2312), 0x12: low_first(0x7FFFFFFF), 0x28: low_first(-35000), 0x34: low_first(123456)})
em340[0x33] = 500
em340[0x0B] = 341

context = ModbusServerContext(single=False, slaves={1: unit(ir=sdm630), 2: unit(hr=abb), 3: unit(hr=pac), 4: unit(ir=em340)})
identity = ModbusDeviceIdentification(info_name={"VendorName": "Eastron", "ProductCode": "SDM630", "MajorMinorRevision": "1.2.3"})
asyncio.run(StartAsyncTcpServer(context=context, identity=identity, address=("127.0.0.1", int(sys.argv[1]))))
