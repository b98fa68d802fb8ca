#include "dsn/texts.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace hongyan::dsn {

namespace {

// clang-format off

// Codes of RFC 3463 §3 and of the registry (RFC 5248), by subject and detail. A detail of 0 speaks for its subject.
constexpr ReasonRow reasons[] = {
    {0, 0, {{"No more exact reason is known.", "Try again later, or reach the recipient in another way."},
            {"没有更具体的原因。", "请稍后重试，或用其他方式联系收件人。"}}},
    {1, 0, {{"Something is wrong with the address.", "Check the address, and write to the recipient again."},
            {"收件地址有问题。", "请核对地址后重新发送。"}}},
    {1, 1, {{"Nobody has this address there.", "Check the spelling of the address, or ask the recipient for the current one."},
            {"对方没有这个邮箱地址。", "请检查地址是否拼写正确，或向收件人询问最新地址。"}}},
    {1, 2, {{"The domain of the address (the part behind the @) does not exist.", "Check the spelling of the domain."},
            {"地址中 @ 后面的域名不存在。", "请检查域名是否拼写正确。"}}},
    {1, 3, {{"The address is not well-formed.", "Check the address for blanks, missing parts and wrong characters."},
            {"收件地址的格式不正确。", "请检查地址中是否有空格、缺失的部分或错误的字符。"}}},
    {1, 4, {{"The address could mean several mailboxes.", "Ask the recipient for the full address."},
            {"这个地址可能对应多个邮箱。", "请向收件人询问完整的地址。"}}},
    {1, 5, {{"The address is valid.", "Nothing need be done."},
            {"该地址有效。", "无需任何操作。"}}},
    {1, 6, {{"The mailbox has moved, and where to is not known.", "Ask the recipient for the new address."},
            {"该邮箱已迁移，新地址未知。", "请向收件人询问新的地址。"}}},
    {1, 7, {{"The other server does not accept the form of your address.", "Check the sender address in your mail program."},
            {"对方服务器不接受您的发件地址格式。", "请检查邮件程序中设置的发件地址。"}}},
    {1, 8, {{"The other server does not accept the domain of your address.", "Ask your administrator to check the DNS records of your domain."},
            {"对方服务器不接受您的发件域名。", "请让管理员检查您的域名的 DNS 记录。"}}},
    {1, 9, {{"The message went to a system that does not report on delivery.", "Nothing need be done."},
            {"邮件已转到一个不提供投递报告的系统。", "无需任何操作。"}}},
    {1, 10, {{"The domain of the address takes no mail at all.", "Check the domain, or reach the recipient in another way."},
             {"该域名声明不接收任何邮件。", "请核对域名，或用其他方式联系收件人。"}}},
    {2, 0, {{"Something is wrong with the recipient's mailbox.", "Try again later, or reach the recipient in another way."},
            {"收件人的邮箱有问题。", "请稍后重试，或用其他方式联系收件人。"}}},
    {2, 1, {{"The mailbox is disabled and takes no mail.", "Reach the recipient in another way."},
            {"该邮箱已停用，不接收邮件。", "请用其他方式联系收件人。"}}},
    {2, 2, {{"The recipient's mailbox is full.", "Try again later, or tell the recipient in another way to make room."},
            {"收件人的邮箱已满。", "请稍后重试，或用其他方式通知收件人清理邮箱。"}}},
    {2, 3, {{"The message is larger than the mailbox permits.", "Send less at a time, or share large files by a link."},
            {"邮件超过了该邮箱允许的大小。", "请减小邮件，或用链接分享大文件。"}}},
    {2, 4, {{"The mailing list could not be expanded to its members.", "Tell the list's owner."},
            {"邮件列表无法展开为其成员。", "请通知列表管理员。"}}},
    {3, 0, {{"The recipient's mail system has a problem.", "Try again later."},
            {"收件人的邮件系统出现问题。", "请稍后重试。"}}},
    {3, 1, {{"The recipient's mail system is full.", "Try again later."},
            {"收件人的邮件系统空间已满。", "请稍后重试。"}}},
    {3, 2, {{"The recipient's mail system takes no mail at present.", "Try again later."},
            {"收件人的邮件系统目前不接收邮件。", "请稍后重试。"}}},
    {3, 3, {{"The recipient's mail system lacks a feature that the message needs.", "Send the message in a simpler form."},
            {"收件人的邮件系统缺少此邮件所需的功能。", "请用更简单的格式发送。"}}},
    {3, 4, {{"The message is too large for the recipient's mail system.", "Send less at a time, or share large files by a link."},
            {"邮件对收件人的邮件系统来说太大。", "请减小邮件，或用链接分享大文件。"}}},
    {3, 5, {{"A mail system on the way is not set up correctly.", "Tell your administrator, who can see the details below."},
            {"途中的邮件系统配置有误。", "请通知管理员，详情见下文。"}}},
    {3, 6, {{"The priority of the message was changed.", "Nothing need be done."},
            {"邮件的优先级已被更改。", "无需任何操作。"}}},
    {4, 0, {{"The recipient's mail server could not be reached.", "Try again later."},
            {"无法连接收件人的邮件服务器。", "请稍后重试。"}}},
    {4, 1, {{"The recipient's mail server does not answer.", "Try again later; if it lasts, reach the recipient in another way."},
            {"收件人的邮件服务器没有响应。", "请稍后重试；如果持续如此，请用其他方式联系收件人。"}}},
    {4, 2, {{"The connection to the recipient's mail server broke.", "Try again later."},
            {"与收件人的邮件服务器的连接中断。", "请稍后重试。"}}},
    {4, 3, {{"The names of the recipient's mail servers could not be looked up.", "Try again later, and check the domain of the address."},
            {"无法查询收件人的邮件服务器的名称（DNS）。", "请稍后重试，并核对地址中的域名。"}}},
    {4, 4, {{"There is no way to the recipient's mail server.", "Check the domain of the address (the part behind the @)."},
            {"找不到通往收件人的邮件服务器的路径。", "请检查地址中 @ 后面的域名。"}}},
    {4, 5, {{"The mail system is overloaded.", "Try again later."},
            {"邮件系统过于繁忙。", "请稍后重试。"}}},
    {4, 6, {{"The message went in a circle between servers.", "Tell the administrator of the recipient's domain."},
            {"邮件在服务器之间循环转发。", "请通知收件人域名的管理员。"}}},
    {4, 7, {{"The message could not be delivered in the time there was for it.", "Try again later, or reach the recipient in another way."},
            {"邮件未能在规定的时间内送达。", "请稍后重试，或用其他方式联系收件人。"}}},
    {5, 0, {{"The mail servers did not understand each other.", "Tell your administrator, who can see the details below."},
            {"邮件服务器之间的通信出错。", "请通知管理员，详情见下文。"}}},
    {5, 1, {{"The other server did not permit a command of ours.", "Tell your administrator, who can see the details below."},
            {"对方服务器不允许我们的命令。", "请通知管理员，详情见下文。"}}},
    {5, 2, {{"The other server did not understand a command of ours.", "Tell your administrator, who can see the details below."},
            {"对方服务器不理解我们的命令。", "请通知管理员，详情见下文。"}}},
    {5, 3, {{"The message has too many recipients for the other server.", "Send it to fewer recipients at a time."},
            {"邮件的收件人数量超过对方服务器的限制。", "请减少每次发送的收件人。"}}},
    {5, 4, {{"The other server did not accept what a command of ours said.", "Tell your administrator, who can see the details below."},
            {"对方服务器不接受我们命令中的参数。", "请通知管理员，详情见下文。"}}},
    {5, 5, {{"The mail servers speak different versions of the protocol.", "Tell your administrator, who can see the details below."},
            {"邮件服务器使用的协议版本不同。", "请通知管理员，详情见下文。"}}},
    {5, 6, {{"A line of the log-in to the other server was too long.", "Tell your administrator, who can see the details below."},
            {"登录对方服务器时的数据行过长。", "请通知管理员，详情见下文。"}}},
    {6, 0, {{"Something in the content of the message was not accepted.", "Send the message in a simpler form."},
            {"邮件内容中有不被接受的部分。", "请用更简单的格式发送。"}}},
    {6, 1, {{"The recipient's mail system does not accept this kind of content.", "Send the content in another format."},
            {"收件人的邮件系统不接受这种类型的内容。", "请换用其他格式发送。"}}},
    {6, 2, {{"The message would have had to be converted, which is not permitted.", "Send the message in a simpler form."},
            {"邮件需要转换格式，但不允许转换。", "请用更简单的格式发送。"}}},
    {6, 3, {{"The message would have had to be converted, which is not possible.", "Send the message in a simpler form."},
            {"邮件需要转换格式，但无法转换。", "请用更简单的格式发送。"}}},
    {6, 4, {{"The message was converted, and something was lost.", "Ask the recipient whether it can be read."},
            {"邮件经过转换，有部分内容丢失。", "请询问收件人能否正常阅读。"}}},
    {6, 5, {{"The message could not be converted.", "Send the message in a simpler form."},
            {"邮件格式转换失败。", "请用更简单的格式发送。"}}},
    {6, 6, {{"The content of the message could not be fetched.", "Send the message again."},
            {"无法取得邮件内容。", "请重新发送。"}}},
    {6, 7, {{"The recipient's mail system does not accept addresses with letters beyond ASCII.", "Use an address of plain Latin letters for yourself and the recipient."},
            {"收件人的邮件系统不支持含中文等非 ASCII 字符的地址。", "请为您自己和收件人使用纯英文字母的地址。"}}},
    {6, 8, {{"The other server answers in UTF-8, which was not agreed on.", "Tell your administrator, who can see the details below."},
            {"对方服务器以未经协商的 UTF-8 回复。", "请通知管理员，详情见下文。"}}},
    {6, 9, {{"The header of the message has letters beyond ASCII, which the recipient's mail system does not accept.", "Use addresses of plain Latin letters, and send again."},
            {"邮件头含有收件人的邮件系统不支持的非 ASCII 字符。", "请使用纯英文字母的地址后重新发送。"}}},
    {6, 10, {{"The other server answers in UTF-8, which was not agreed on.", "Tell your administrator, who can see the details below."},
             {"对方服务器以未经协商的 UTF-8 回复。", "请通知管理员，详情见下文。"}}},
    {7, 0, {{"The message was refused for reasons of security or policy.", "Read the server's answer, or ask the administrator of the recipient's domain."},
            {"邮件因安全或策略原因被拒绝。", "请查看服务器的答复，或询问收件人域名的管理员。"}}},
    {7, 1, {{"You may not send to this recipient, or the message was taken for spam.", "Read the server's answer, or ask the recipient to permit your mail."},
            {"您无权向该收件人发送邮件，或邮件被判为垃圾邮件。", "请查看服务器的答复，或请收件人允许您的邮件。"}}},
    {7, 2, {{"You may not write to this mailing list.", "Join the list, or ask its owner."},
            {"您无权向该邮件列表发信。", "请加入列表，或联系列表管理员。"}}},
    {7, 3, {{"The message would have had to be converted to a secure form, which is not possible.", "Tell your administrator, who can see the details below."},
            {"邮件需要安全转换，但无法完成。", "请通知管理员，详情见下文。"}}},
    {7, 4, {{"The other server lacks a security feature that the message needs.", "Tell your administrator, who can see the details below."},
            {"对方服务器缺少此邮件所需的安全功能。", "请通知管理员，详情见下文。"}}},
    {7, 5, {{"Encryption or a signature failed on the way.", "Try again later, or tell your administrator."},
            {"途中的加密或签名失败。", "请稍后重试，或通知管理员。"}}},
    {7, 6, {{"The two servers have no method of encryption in common.", "Tell your administrator, who can see the details below."},
            {"双方服务器没有共同支持的加密方法。", "请通知管理员，详情见下文。"}}},
    {7, 7, {{"The message was changed on the way.", "Send the message again."},
            {"邮件在途中被改动。", "请重新发送。"}}},
    {7, 8, {{"The user name or password for the other server is wrong.", "Check the password or authorization code of the relay account."},
            {"登录对方服务器的用户名或密码不正确。", "请检查中继账号的密码或授权码。"}}},
    {7, 9, {{"The method of logging in to the other server is too weak for it.", "Tell your administrator, who can see the details below."},
            {"登录对方服务器的方式安全性不足。", "请通知管理员，详情见下文。"}}},
    {7, 10, {{"The other server demands encryption.", "Tell your administrator, who can see the details below."},
             {"对方服务器要求加密。", "请通知管理员，详情见下文。"}}},
    {7, 11, {{"The other server demands encryption for the log-in.", "Tell your administrator, who can see the details below."},
             {"对方服务器要求加密后才能登录。", "请通知管理员，详情见下文。"}}},
    {7, 12, {{"The password for the other server must first be changed to a new method.", "Tell your administrator, who can see the details below."},
             {"对方服务器要求先更新密码的验证方式。", "请通知管理员，详情见下文。"}}},
    {7, 13, {{"The account at the other server is disabled.", "Tell your administrator, who can see the details below."},
             {"在对方服务器上的账号已停用。", "请通知管理员，详情见下文。"}}},
    {7, 14, {{"The other server demands a relationship of trust with ours.", "Tell your administrator, who can see the details below."},
             {"对方服务器要求与我方建立信任关系。", "请通知管理员，详情见下文。"}}},
    {7, 15, {{"The priority of the message is too low for the other server at present.", "Try again later, or with a higher priority."},
             {"邮件的优先级低于对方服务器目前的要求。", "请稍后重试，或提高优先级。"}}},
    {7, 16, {{"The message is too large for its priority.", "Send less at a time, or with another priority."},
             {"邮件的大小超过其优先级的限制。", "请减小邮件，或更改优先级。"}}},
    {7, 17, {{"The mailbox has changed hands since the time that the sender meant.", "Ask the recipient for the current address."},
             {"该邮箱的所有者已经变更。", "请向收件人询问最新的地址。"}}},
    {7, 18, {{"The domain has changed hands since the time that the sender meant.", "Ask the recipient for the current address."},
             {"该域名的所有者已经变更。", "请向收件人询问最新的地址。"}}},
    {7, 19, {{"Whether the mailbox has changed hands cannot be found out.", "Ask the recipient for the current address."},
             {"无法确认该邮箱的所有者是否变更。", "请向收件人询问最新的地址。"}}},
    {7, 20, {{"The message bears no DKIM signature that holds.", "Ask your administrator to check the signing of mail."},
             {"邮件没有有效的 DKIM 签名。", "请让管理员检查邮件签名设置。"}}},
    {7, 21, {{"The message bears no DKIM signature that the other server accepts.", "Ask your administrator to check the signing of mail."},
             {"邮件没有对方服务器可接受的 DKIM 签名。", "请让管理员检查邮件签名设置。"}}},
    {7, 22, {{"The message bears no DKIM signature of its author's domain.", "Ask your administrator to check the signing of mail."},
             {"邮件没有作者域名的有效 DKIM 签名。", "请让管理员检查邮件签名设置。"}}},
    {7, 23, {{"The domain of the sender does not permit our server to send for it (SPF).", "Ask your administrator to check the SPF record of the domain."},
             {"发件域名未授权本服务器代发邮件（SPF）。", "请让管理员检查该域名的 SPF 记录。"}}},
    {7, 24, {{"The other server could not evaluate the SPF record of the sender's domain.", "Ask your administrator to check the SPF record of the domain."},
             {"对方服务器无法检查发件域名的 SPF 记录。", "请让管理员检查该域名的 SPF 记录。"}}},
    {7, 25, {{"The address of our server has no matching name (reverse DNS).", "Ask your administrator to check the reverse DNS record."},
             {"本服务器的地址没有匹配的反向域名解析。", "请让管理员检查反向 DNS 记录。"}}},
    {7, 26, {{"Neither the signature nor the sender of the message could be verified (DKIM, SPF).", "Ask your administrator to check DKIM and SPF of the domain."},
             {"邮件的签名和发件服务器均未通过验证（DKIM、SPF）。", "请让管理员检查域名的 DKIM 和 SPF 设置。"}}},
    {7, 27, {{"The domain of your address says that it takes no mail, so yours is not accepted.", "Check the sender address in your mail program."},
             {"您的发件域名声明不接收邮件，因此不被接受。", "请检查邮件程序中设置的发件地址。"}}},
    {7, 28, {{"The other server got too many messages of this kind.", "Wait, and send more slowly."},
             {"对方服务器收到的此类邮件过多。", "请等待一段时间，并降低发送频率。"}}},
    {7, 29, {{"The chain of ARC seals of the message does not hold.", "Tell the administrator of the server that forwarded it."},
             {"邮件的 ARC 签名链无效。", "请通知转发服务器的管理员。"}}},
    {7, 30, {{"The message must go encrypted all the way, which a server on it does not support (REQUIRETLS).", "Send it again without that demand, if that is safe."},
             {"邮件要求全程加密传输，但途中的服务器不支持（REQUIRETLS）。", "如果安全允许，请取消该要求后重新发送。"}}},
};

struct PhraseRow {
    Phrase phrase;
    std::string_view in[languages];
};

constexpr PhraseRow phrases[] = {
    {Phrase::sender_name, {"Mail Delivery System", "邮件系统"}},
    {Phrase::subject_failed, {"Not delivered: {}", "邮件未能送达：{}"}},
    {Phrase::subject_delayed, {"Delayed: {}", "邮件投递延迟：{}"}},
    {Phrase::subject_delivered, {"Delivered: {}", "邮件投递通知：{}"}},
    {Phrase::made_by, {"This is a message of the mail server {}.", "本邮件由邮件服务器 {} 自动发出。"}},
    {Phrase::failed, {"Your message could NOT be delivered to:", "您的邮件未能送达以下收件人："}},
    {Phrase::delayed, {"Your message has not been delivered yet to the following recipients; the server goes on trying:",
                       "您的邮件尚未送达以下收件人，服务器将继续尝试："}},
    {Phrase::delivered, {"Your message has been delivered to the mailbox of:", "您的邮件已送达以下收件人的邮箱："}},
    {Phrase::relayed, {"Your message has been passed on, to a server that does not confirm delivery, for:",
                       "您的邮件已转交给不提供投递确认的服务器，收件人："}},
    {Phrase::expanded, {"Your message has been passed on to the members of:", "您的邮件已转发给以下地址的各成员："}},
    {Phrase::about_subject, {"Subject: {}", "主题：{}"}},
    {Phrase::about_date, {"Date: {}", "日期：{}"}},
    {Phrase::about_message_id, {"Message-ID: {}", "邮件标识：{}"}},
    {Phrase::no_subject, {"(no subject)", "（无主题）"}},
    {Phrase::written_as, {"You wrote to: {}", "您填写的地址：{}"}},
    {Phrase::code, {"(code {})", "（代码 {}）"}},
    {Phrase::server_said, {"The server {} answered:", "服务器 {} 的答复："}},
    {Phrase::advice, {"What you can do: {}", "建议：{}"}},
    {Phrase::retry_until, {"The server goes on trying until {}.", "服务器将继续尝试至 {}。"}},
    {Phrase::nothing_to_do, {"You need not do anything, and should not send the message again. You will be told if it cannot be delivered.",
                             "您无需任何操作，也请勿重复发送。如果最终无法送达，您会收到通知。"}},
    {Phrase::attached_whole, {"A report for programs and your message follow.", "后附供程序读取的报告和您的邮件原文。"}},
    {Phrase::attached_header, {"A report for programs and the header of your message follow.", "后附供程序读取的报告和您的邮件头。"}},
    {Phrase::attached_header_large, {"A report for programs and the header of your message follow; the whole message is too large to be returned.",
                                     "后附供程序读取的报告和您的邮件头；邮件原文过大，不予退回。"}},
    {Phrase::do_not_answer, {"An answer to this message reaches the postmaster, not the recipient.", "回复本邮件只会送达邮件管理员，而不是收件人。"}},
};
// clang-format on

static_assert(std::size(phrases) == static_cast<std::size_t>(Phrase::count), "every phrase has its texts");
static_assert(std::ranges::is_sorted(phrases, {}, &PhraseRow::phrase),
              "phrases stand in the order of the enum");

const ReasonRow* find(std::uint16_t subject, std::uint16_t detail) {
    const auto row = std::ranges::find_if(reasons, [&](const ReasonRow& candidate) {
        return candidate.subject == subject && candidate.detail == detail;
    });
    return row == std::end(reasons) ? nullptr : row;
}

}  // namespace

Language language_of(std::string_view tag) {
    const bool is_chinese = ascii::iequals(tag, "zh") || ascii::istarts_with(tag, "zh-");
    return is_chinese ? Language::simplified_chinese : Language::english;
}

std::string_view tag_of(Language language) { return language == Language::english ? "en" : "zh-CN"; }

Reason reason_for(Status status, Language language) {
    const auto* row = find(status.subject, status.detail);
    if (row == nullptr) row = find(status.subject, 0);
    if (row == nullptr) row = &reasons[0];
    return row->in[static_cast<std::size_t>(language)];
}

std::span<const ReasonRow> all_reasons() { return reasons; }

std::string_view text_of(Phrase phrase, Language language) {
    return phrases[static_cast<std::size_t>(phrase)].in[static_cast<std::size_t>(language)];
}

}  // namespace hongyan::dsn
