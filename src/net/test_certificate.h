// Certificates for the first start and for tests, so that TLS works before anybody has bought or ordered one.
#pragma once

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace hongyan::net {

// What lies in the folder afterwards. Each file is written whole and synced.
struct TestCertificate {
    std::filesystem::path authority;  // ca.pem: the root to trust
    std::filesystem::path server;     // server.pem: key and certificate, mode 0600
};

// Sees to a local certificate authority (its key in ca-key.pem, mode 0600) and a P-256 certificate signed by
// it for `host`, localhost, 127.0.0.1 and ::1. What is there stays, except a server certificate that is for
// another host or ends within a month.
Result<TestCertificate> ensure_test_certificate(const std::filesystem::path& folder, const std::string& host,
                                                const Clock& clock);

}  // namespace hongyan::net
