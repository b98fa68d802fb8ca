#include "engine/records.h"

namespace hongyan::engine {

namespace {

constexpr std::uint32_t record_version = 1;

enum BlobTag : FieldTag { references = 1, size = 2, compressed = 3, pack = 4, offset = 5, length = 6 };
enum PackTag : FieldTag { high_water = 1, live_bytes = 2, live_blobs = 3, sealed = 4 };

// A number that must fit in 32 bits; one that does not is damage.
std::uint32_t narrow(std::uint64_t number, bool& damaged) {
    damaged = damaged || number > UINT32_MAX;
    return static_cast<std::uint32_t>(number);
}

}  // namespace

std::string BlobRecord::encode() const {
    return RecordWriter(record_version)
        .number_unless_zero(BlobTag::references, references)
        .number_unless_zero(BlobTag::size, size)
        .number_unless_zero(BlobTag::compressed, compressed ? 1 : 0)
        .number_unless_zero(BlobTag::pack, location.pack.value())
        .number_unless_zero(BlobTag::offset, location.offset)
        .number_unless_zero(BlobTag::length, location.length)
        .fields(unknown)
        .take();
}

Result<BlobRecord> BlobRecord::decode(std::string_view bytes) {
    BlobRecord record;
    RecordReader in(bytes);
    bool damaged = false;
    while (in.next()) switch (in.tag()) {
            case BlobTag::references:
                record.references = in.number();
                break;
            case BlobTag::size:
                record.size = in.number();
                break;
            case BlobTag::compressed:
                record.compressed = in.number() != 0;
                break;
            case BlobTag::pack:
                record.location.pack = PackNumber(narrow(in.number(), damaged));
                break;
            case BlobTag::offset:
                record.location.offset = in.number();
                break;
            case BlobTag::length:
                record.location.length = narrow(in.number(), damaged);
                break;
            default:
                record.unknown += in.field();
        }
    if (in.failed() || damaged) return fail(Error::Kind::corrupt, "the record of a blob is damaged");
    return record;
}

std::string PackRecord::encode() const {
    return RecordWriter(record_version)
        .number_unless_zero(PackTag::high_water, length)
        .number_unless_zero(PackTag::live_bytes, live_bytes)
        .number_unless_zero(PackTag::live_blobs, live_blobs)
        .number_unless_zero(PackTag::sealed, sealed ? 1 : 0)
        .fields(unknown)
        .take();
}

Result<PackRecord> PackRecord::decode(std::string_view bytes) {
    PackRecord record;
    RecordReader in(bytes);
    while (in.next()) switch (in.tag()) {
            case PackTag::high_water:
                record.length = in.number();
                break;
            case PackTag::live_bytes:
                record.live_bytes = in.number();
                break;
            case PackTag::live_blobs:
                record.live_blobs = in.number();
                break;
            case PackTag::sealed:
                record.sealed = in.number() != 0;
                break;
            default:
                record.unknown += in.field();
        }
    if (in.failed()) return fail(Error::Kind::corrupt, "the record of a pack is damaged");
    return record;
}

}  // namespace hongyan::engine
