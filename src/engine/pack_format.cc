#include "engine/pack_format.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/crc32c.h"

namespace hongyan::engine {

namespace {

constexpr std::string_view pack_mark = "HYPACK\r\n";  // a transfer as text would break it visibly
constexpr std::string_view index_mark = "HYINDEX\n";
constexpr std::uint32_t pack_version = 1;
constexpr std::size_t crc_offset = record_header_size - 4;
constexpr std::size_t entry_size = 45;
constexpr std::size_t trailer_size = 24;
constexpr std::uint8_t compressed_flag = 1;

template <typename... Arguments>
std::unexpected<Error> corrupt(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    return fail(Error::Kind::corrupt, text, std::forward<Arguments>(arguments)...);
}

BlobId take_id(std::string_view& in) {
    const auto id = BlobId::from_bytes(in.substr(0, sizeof(BlobId::hash)));
    check(id.has_value(), "who takes an id has looked at the size");
    in.remove_prefix(sizeof(BlobId::hash));
    return *id;
}

template <typename Number>
Number take(std::string_view& in) {
    const auto number = bytes::take_big_endian<Number>(in);
    check(number.has_value(), "who takes a number has looked at the size");
    return *number;
}

std::uint32_t record_crc(std::string_view start, std::string_view frame) {
    return crc32c(frame, crc32c(start.substr(0, crc_offset)));
}

}  // namespace

std::string pack_header(PackNumber number) {
    std::string out(pack_mark);
    bytes::put_big_endian(out, pack_version);
    bytes::put_big_endian(out, number.value());
    bytes::put_big_endian(out, crc32c(out));
    return out;
}

Result<PackNumber> parse_pack_header(std::string_view bytes) {
    if (bytes.size() < pack_header_size || !bytes.starts_with(pack_mark)) return corrupt("it is not a pack");
    auto in = bytes.substr(pack_mark.size());
    const auto version = take<std::uint32_t>(in);
    const auto number = take<std::uint32_t>(in);
    if (take<std::uint32_t>(in) != crc32c(bytes.substr(0, pack_header_size - 4)))
        return corrupt("the header of the pack is damaged");
    if (version != pack_version)
        return fail(Error::Kind::unsupported, "the pack has version {}, we read {}", version, pack_version);
    return PackNumber(number);
}

void append_record(std::string& out, const BlobId& id, bool compressed, std::string_view frame) {
    const auto start = out.size();
    bytes::put_big_endian(out, static_cast<std::uint32_t>(frame.size()));
    out.push_back(compressed ? static_cast<char>(compressed_flag) : '\0');
    out.append(id.bytes());
    bytes::put_big_endian(out, record_crc(std::string_view(out).substr(start), frame));
    out.append(frame);
}

Result<RecordHeader> parse_record_header(std::string_view bytes) {
    if (bytes.size() < record_header_size) return corrupt("a record is cut off");
    RecordHeader header;
    header.length = take<std::uint32_t>(bytes);
    const auto flags = take<std::uint8_t>(bytes);
    header.id = take_id(bytes);
    header.crc = take<std::uint32_t>(bytes);
    if (header.length > max_frame_size || flags > compressed_flag)
        return corrupt("the header of a record is damaged");
    header.compressed = flags == compressed_flag;
    return header;
}

Result<std::string_view> frame_of(std::string_view record, const BlobId& id) {
    TRY(const auto header, parse_record_header(record));
    const auto frame = record.substr(record_header_size);
    if (header.id != id) return corrupt("there is blob {} instead", header.id.hex());
    if (frame.size() != header.length) return corrupt("the record is cut off");
    if (record_crc(record, frame) != header.crc) return corrupt("the checksum does not match");
    return frame;
}

std::string encode_index(const std::vector<IndexEntry>& entries, std::uint64_t offset) {
    std::string out;
    out.reserve(entries.size() * entry_size + trailer_size);
    for (const auto& entry : entries) {
        out.append(entry.id.bytes());
        bytes::put_big_endian(out, entry.offset);
        bytes::put_big_endian(out, entry.length);
        out.push_back(entry.compressed ? static_cast<char>(compressed_flag) : '\0');
    }
    bytes::put_big_endian(out, offset);
    bytes::put_big_endian(out, static_cast<std::uint32_t>(entries.size()));
    bytes::put_big_endian(out, crc32c(out));
    out.append(index_mark);
    return out;
}

Result<std::vector<IndexEntry>> read_index(const ReadAt& read, std::uint64_t size) {
    if (size < pack_header_size + trailer_size) return corrupt("the pack has no index");
    TRY(const auto trailer, read(size - trailer_size, trailer_size));
    if (trailer.size() != trailer_size || !trailer.ends_with(index_mark))
        return corrupt("the pack has no index");
    std::string_view rest = trailer;
    const auto offset = take<std::uint64_t>(rest);
    const auto count = take<std::uint32_t>(rest);
    const auto crc = take<std::uint32_t>(rest);
    const auto length = std::uint64_t{count} * entry_size;
    if (offset < pack_header_size || offset > size || size - offset != length + trailer_size)
        return corrupt("the index of the pack is of another size");
    TRY(const auto index, read(offset, static_cast<std::size_t>(length)));
    if (crc32c(std::string_view(trailer).substr(0, trailer_size - index_mark.size() - sizeof crc),
               crc32c(index)) != crc)
        return corrupt("the index of the pack is damaged");

    std::vector<IndexEntry> entries;
    for (std::string_view in = index; in.size() >= entry_size;) {
        auto& entry = entries.emplace_back();
        entry.id = take_id(in);
        entry.offset = take<std::uint64_t>(in);
        entry.length = take<std::uint32_t>(in);
        entry.compressed = take<std::uint8_t>(in) == compressed_flag;
    }
    return entries;
}

Result<std::vector<IndexEntry>> walk_records(const ReadAt& read, std::uint64_t end) {
    std::vector<IndexEntry> entries;
    for (std::uint64_t offset = pack_header_size; offset < end;) {
        TRY(const auto bytes, read(offset, record_header_size));
        auto header = parse_record_header(bytes);
        if (!header) return fail(std::move(header).error(), fmt::format("at {}", offset));
        if (record_size(header->length) > end - offset)
            return corrupt("at {}: a record goes beyond the end of the pack", offset);
        entries.push_back({header->id, offset, header->length, header->compressed});
        offset += record_size(header->length);
    }
    return entries;
}

}  // namespace hongyan::engine
