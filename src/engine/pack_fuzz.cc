// Whatever bytes a pack or a record about one holds, reading it ends, stays within them, and believes nothing
// that a checksum denies.
#include <cstdint>
#include <cstdlib>

#include "engine/blob.h"
#include "engine/pack_format.h"

using namespace hongyan;
using namespace hongyan::engine;

namespace {

void expect(bool condition) {
    if (!condition) std::abort();
}

void read_frames(std::string_view pack, const std::vector<IndexEntry>& entries) {
    for (const auto& entry : entries) {
        if (entry.offset > pack.size()) continue;
        const auto record = pack.substr(entry.offset, record_size(entry.length));
        const auto frame = frame_of(record, entry.id);
        if (!frame) continue;
        expect(frame->size() == entry.length);
        // A size as the map would state it; a wrong one must not be believed.
        constexpr std::uint64_t claimed = 4'096;
        if (const auto content = unpack_frame(*frame, entry.compressed, claimed))
            expect(content->size() == claimed);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view pack(reinterpret_cast<const char*>(data), size);
    const ReadAt read = [pack](std::uint64_t offset, std::size_t length) -> Result<std::string> {
        return offset < pack.size() ? std::string(pack.substr(offset, length)) : std::string();
    };
    (void)parse_pack_header(pack);
    if (const auto walked = walk_records(read, size)) {
        read_frames(pack, *walked);
        // What was walked comes back from an index of it.
        const auto sealed = std::string(pack) + encode_index(*walked, size);
        const ReadAt read_sealed = [&sealed](std::uint64_t offset,
                                             std::size_t length) -> Result<std::string> {
            return sealed.substr(std::min<std::size_t>(offset, sealed.size()), length);
        };
        if (size >= pack_header_size) expect(read_index(read_sealed, sealed.size()) == *walked);
    }
    if (const auto index = read_index(read, size)) read_frames(pack, *index);
    (void)unpack_frame(pack, true, 4'096);
    const auto blob = prepare_blob(pack);
    expect(unpack_frame(blob->frame, blob->compressed, blob->size) == pack);
    if (const auto record = BlobRecord::decode(pack)) expect(BlobRecord::decode(record->encode()) == record);
    if (const auto record = PackRecord::decode(pack)) expect(PackRecord::decode(record->encode()) == record);
    return 0;
}
