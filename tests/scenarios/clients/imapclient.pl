# What Perl's Mail::IMAPClient can do, done to a server. Port, "ssl" or "starttls", and the certificate authority are the
# arguments; the account comes by the environment. Prints a line for each thing tried, as Test::More does.
use strict;
use warnings;
use utf8;
use Encode qw(encode decode);
use IO::Socket::SSL;
use Mail::IMAPClient;
use Test::More;

my ( $port, $tls, $authority ) = @ARGV;
my @verified = ( SSL_verify_mode => SSL_VERIFY_PEER, SSL_ca_file => $authority, SSL_verifycn_name => 'localhost' );
my $letter = encode( 'UTF-8', join "\r\n", 'From: "Li Ming" <li@there.test>', 'To: ann@example.test',
    'Subject: =?UTF-8?B?5Lya6K6u6YCa55+l?=', 'Date: Mon, 02 Mar 2026 09:00:00 +0800', 'Message-ID: <one@there.test>',
    'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit', '', '请参加 (会议)。', '--b', 'Content-Type: application/octet-stream; name="a.bin"',
    'Content-Transfer-Encoding: base64', '', 'AAECAwQFBgc=', '--b--', '' );
my $short = "Subject: short\r\n\r\nShort.\r\n";

sub connected {
    my %more = @_;
    my %way = $tls eq 'ssl' ? ( Ssl => [@verified] ) : ( Starttls => [@verified] );
    return Mail::IMAPClient->new( Server => 'localhost', Port => $port, User => $ENV{ACCOUNT}, Password => $ENV{PASSWORD},
        Uid => 1, Timeout => 20, Peek => 1, %way, %more );
}

# The name of a mailbox in modified UTF-7 (RFC 3501 §5.1.3), if all of it is Chinese.
sub encoded {
    require MIME::Base64;
    my $text = MIME::Base64::encode( encode( 'UTF-16BE', shift ), '' );
    $text =~ s/=+$//;
    $text =~ tr{/}{,};
    return "&$text-";
}

my $c = connected() or BAIL_OUT("no connection: $@");
ok( $c->IsAuthenticated, 'it is logged in' );
ok( $c->Socket->isa('IO::Socket::SSL') && $c->Socket->verify_hostname( 'localhost', 'imap' ), 'the certificate is verified' );

# What the server can do
ok( ( grep { $_ eq 'IMAP4rev1' } $c->capability ), 'CAPABILITY has IMAP4rev1' );
ok( $c->has_capability($_), "CAPABILITY has $_" ) for qw(IDLE UIDPLUS MOVE NAMESPACE UNSELECT ENABLE);
ok( !$c->has_capability('NONSENSE'), 'and no nonsense' );
is_deeply( scalar $c->namespace, [ [ [ '', '/' ] ], [ [ 'Other Users/', '/' ] ] ], 'NAMESPACE' );
is( $c->separator, '/', 'the separator' );
ok( $c->noop, 'NOOP' );
ok( $c->tag_and_run('ID ("name" "perl")'), 'ID' );

# Mailboxes
my $meetings = encoded('会议');
ok( $c->create($meetings),           'CREATE with a Chinese name' );
ok( $c->create("$meetings/2026"),    'CREATE below it' );
ok( $c->exists("$meetings/2026"),    'it is there' );
ok( !$c->exists('nowhere'),          'what was not made is not' );
ok( $c->is_parent($meetings),        'it has a child' );
ok( $c->selectable($meetings),       'it can be selected' );
ok( $c->rename( "$meetings/2026", "$meetings/2027" ), 'RENAME' );
is_deeply( [ sort grep { /^&/ } $c->folders ], [ $meetings, "$meetings/2027" ], 'LIST' );
my ($junk) = grep { $_->{name} eq 'Junk' } $c->folders_hash;
ok( ( grep { $_ eq '\Junk' } @{ $junk->{attrs} } ), 'LIST tells special uses' );
ok( $c->subscribe($meetings), 'SUBSCRIBE' );
ok( ( grep { $_ eq $meetings } $c->subscribed ), 'LSUB' );
ok( $c->unsubscribe($meetings), 'UNSUBSCRIBE' );
ok( !( grep { $_ eq $meetings } $c->subscribed ), 'LSUB after it' );
ok( $c->delete("$meetings/2027"), 'DELETE' );
ok( !$c->delete('nowhere') && $c->LastError =~ /NONEXISTENT/, 'DELETE of what is not there' );

# Messages go in
my $one = $c->append_string( 'INBOX', $letter, '\Flagged', '02-Mar-2026 09:00:00 +0800' );
like( $one, qr/^\d+$/, 'APPEND tells the UID' );
my $two = $c->append( 'INBOX', $short );
cmp_ok( $two, '>', $one, 'the next UID is larger' );
open my $file, '<', \$letter;
my $three = $c->append_file( 'INBOX', $file, undef, '\Seen $Forwarded' );
ok( $three, 'APPEND of a file' );
ok( !$c->append_string( 'nowhere', $short ) && $c->LastError =~ /TRYCREATE/, 'APPEND to what is not there' );

# A mailbox is selected and counted
ok( $c->select('INBOX'), 'SELECT' );
is( $c->message_count,             3, 'three messages' );
is( $c->unseen_count,              2, 'two not seen' );
is( scalar $c->uidnext('INBOX'), $three + 1, 'STATUS' );
like( $c->uidvalidity('INBOX'), qr/^[1-9]\d*$/, 'UIDVALIDITY' );
is_deeply( scalar $c->messages, [ $one, $two, $three ], 'all of them' );

# They are read
is( $c->message_string($one), $letter, 'a whole message' );
is( $c->size($one), length $letter, 'its size' );
is( $c->body_string($two), "Short.\r\n", 'a body' );
is( $c->bodypart_string( $one, '2' ), 'AAECAwQFBgc=', 'a part' );
is( decode( 'UTF-8', $c->bodypart_string( $one, '1' ) ), '请参加 (会议)。', 'a part in 8 bits' );
is( $c->bodypart_string( $one, '2', 4, 2 ), 'ECAw', 'a piece of a part' );
is( $c->bodypart_string( $one, '1.MIME' ), join( "\r\n", 'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit', '', '' ), 'the header of a part' );
my $structure = $c->get_bodystructure($one);
is( uc( $structure->bodytype . '/' . $structure->bodysubtype ), 'MULTIPART/MIXED', 'BODYSTRUCTURE' );
is_deeply( [ map { uc $_->bodyenc } $structure->bodystructure ], [ '8BIT', 'BASE64' ], 'encodings of the parts' );
my $envelope = $c->get_envelope($one);
is( $envelope->messageid, '<one@there.test>', 'ENVELOPE' );
is( ( $envelope->from_addresses )[0], 'Li Ming <li@there.test>', 'its author' );
is( $c->internaldate($one), ' 2-Mar-2026 01:00:00 +0000', 'INTERNALDATE' );
is( $c->subject($two), 'short', 'a field' );
is_deeply( $c->parse_headers( $one, 'Message-Id', 'To' ), { 'Message-Id' => ['<one@there.test>'],
    To => ['ann@example.test'] }, 'several fields' );
my $rows = $c->fetch_hash( [ $one, $two ], 'RFC822.SIZE', 'FLAGS' );
is_deeply( { map { $_ => $rows->{$_}{'RFC822.SIZE'} } keys %$rows }, { $one => length $letter, $two => length $short },
    'a FETCH of several' );

# They are found
is_deeply( scalar $c->search(@{ $_->[0] }), $_->[1], "SEARCH @{[ encode( 'UTF-8', $_->[2] ) ]}" ) for (
    [ [ 'FLAGGED' ], [$one], 'a flag' ],
    [ [ 'HEADER', 'Message-Id', \$c->Quote('one@there.test') ], [ $one, $three ], 'a field' ],
    [ [ 'CHARSET', 'UTF-8', 'SUBJECT', \( '"' . encode( 'UTF-8', '通知' ) . '"' ) ], [ $one, $three ], '通知 in the subject' ],
    [ [ 'NOT', 'SEEN', 'SMALLER', 100 ], [$two], 'two things at once' ],
    [ [ 'BODY', \'"Short"' ], [$two], 'the text' ],
    [ [ 'KEYWORD', '$Forwarded' ], [$three], 'a keyword' ],
    [ [ 'UID', \"$two:*" ], [ $two, $three ], 'UIDs' ],
    [ [ 'SUBJECT', \'"nothing"' ], [], 'nothing' ],
);
is_deeply( scalar $c->unseen, [ $one, $two ], 'unseen' );
is_deeply( scalar $c->seen, [$three], 'seen' );
is_deeply( scalar $c->senton('02-Mar-2026'), [ $one, $three ], 'by the date they were sent' );

# Flags
ok( $c->set_flag( 'Answered', $two ), 'a flag is set' );
ok( $c->see($two), 'a message is seen' );
is_deeply( [ sort grep { $_ ne '\Recent' } $c->flags($two) ], [ '\Answered', '\Seen' ], 'both flags' );
ok( $c->unset_flag( 'Answered', $two ), 'a flag is unset' );
ok( $c->deny_seeing($two), 'a message is unseen' );
is_deeply( [ grep { $_ ne '\Recent' } $c->flags($two) ], [], 'no flags' );
ok( $c->store( $two, '+FLAGS ($Label1 work)' ), 'keywords' );
is_deeply( [ sort grep { $_ ne '\Recent' } $c->flags($two) ], [ '$Label1', 'work' ], 'they are kept' );
ok( $c->mark($two) && $c->unmark($one), 'marks' );
is_deeply( scalar $c->search('FLAGGED'), [$two], 'they are found' );

# They are copied, moved and removed
my $copied = $c->copy( $meetings, $one );
like( $copied, qr/^\d+$/, 'COPY tells the new UID' );
ok( $c->move( $meetings, $two ), 'MOVE' );
$c->expunge;
is_deeply( scalar $c->messages, [ $one, $three ], 'what moved is gone' );
is( $c->message_count($meetings), 2, 'and there' );
ok( $c->delete_message($three) && $c->restore_message($three), 'a message is deleted and restored' );
ok( $c->delete_message( [ $one, $three ] ), 'two are deleted' );
ok( $c->uidexpunge($one), 'UID EXPUNGE' );
is_deeply( scalar $c->messages, [$three], 'of one' );
ok( $c->expunge, 'EXPUNGE' );
is( $c->message_count, 0, 'of all' );
ok( $c->examine($meetings), 'EXAMINE' );
is( $c->message_string($copied), $letter, 'the copy is the message' );
ok( !$c->store( $copied, '+FLAGS (\Seen)' ), 'nothing changes there' );
ok( $c->close, 'CLOSE' );

# IDLE
ok( $c->select('INBOX'), 'SELECT again' );
my $other = connected() or BAIL_OUT("no second connection: $@");
ok( my $tag = $c->idle, 'IDLE' );
my $four = $other->append( 'INBOX', $short );
my @heard = $c->idle_data(20);
ok( ( grep { /^\* 1 EXISTS/ } @heard ), 'new mail is told' ) or diag("@heard");
$other->select('INBOX') && $other->delete_message($four) && $other->expunge;
@heard = ();
push @heard, $c->idle_data(20) until grep { /EXPUNGE/ } @heard or @heard > 20;
ok( ( grep { /^\* 1 EXPUNGE/ } @heard ), 'and what is gone' ) or diag("@heard");
ok( $c->done($tag), 'DONE' );
ok( $c->IsConnected, 'and goes on' );

# From one server to another, here the same
ok( $other->select($meetings) && $other->migrate( $c, 'ALL', encoded('备份') ), 'migrate' );
is( $c->message_count( encoded('备份') ), 2, 'all came along' );
ok( $_->logout, 'LOGOUT' ) for $other, $c;

done_testing();
