"""Headers that every compiler, system SDK or Python brings: an include of them names no library.

Source: ISO C23, 7; ISO C++23, table of headers; POSIX.1-2024, headers; glibc, musl, BSD, Windows SDK, macOS SDK.
`omp.h` and `mpi.h` are no standard headers: what brings them is a choice.
"""

__all__ = ["is_standard_header"]

_C = """
assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic stdbit
stdbool stdckdint stddef stdint stdio stdlib stdmchar stdnoreturn string strings tgmath threads time uchar wchar wctype
"""
_CPP = """
algorithm any array atomic barrier bit bitset cassert ccomplex cctype cerrno cfenv cfloat charconv chrono cinttypes ciso646
climits clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdalign cstdarg
cstdbool cstddef cstdint cstdio cstdlib cstring ctgmath ctime cuchar cwchar cwctype debugging deque exception execution
expected filesystem flat_map flat_set format forward_list fstream functional future generator hash_map hash_set
hazard_pointer initializer_list inplace_vector iomanip ios iosfwd iostream istream iterator latch limits linalg list locale
map mdspan memory memory_resource mutex new numbers numeric optional ostream print queue random ranges ratio rcu regex
scoped_allocator semaphore set shared_mutex slist source_location span spanstream sstream stack stacktrace stdexcept
stdfloat stop_token streambuf string string_view strstream syncstream system_error text_encoding thread tuple type_traits
typeindex typeinfo unordered_map unordered_set utility valarray variant vector version
"""
_POSIX = """
aio alloca argp argz ar byteswap cpio crypt dirent dlfcn elf endian envz err error execinfo fcntl features fmtmsg fnmatch
fstab fts ftw gconv getopt glob gnu-versions grp gshadow iconv ifaddrs langinfo libgen libintl link malloc memory mcheck mntent
monetary mqueue ndbm netdb nl_types nss obstack paths poll printf proc_service pthread pthread_np pty pwd re_comp regex regexp
resolv sched search semaphore sgtty shadow spawn stab stdio_ext strings stropts stubs sysexits syscall syslog tar term termio
termios thread_db trace ttyent ucontext ulimit unistd util utime utmp utmpx values wait wordexp xlocale libutil kvm vis
nlist readpassphrase bsd_auth login_cap sha256 sha512 md5 rmd160 port kstat cpuid cpuidintrin machine_time varargs unwind
libproc membership copyfile removefile quarantine sandbox xattr_flags launch notify asl tzfile AvailabilityMacros
Availability TargetConditionals ConditionalMacros MacTypes MacErrors crt_externs CommonCrypto nameser
sanitizer ioctl stdc-predef uuid_np _mingw mingw ansidecl sys_defs float_h cxxabi atomic_wide_counter asm-generic
"""
_WINDOWS = """
windows winbase windef winnt winuser wingdi winerror winsock winsock2 ws2tcpip ws2bth ws2def ws2ipdef mswsock wininet winhttp
winioctl winreg winver wincon wincrypt wincred winldap winnls winsvc winspool winternl winnetwk winperf wintrust windowsx
windns windot11 wlanapi wmistr evntrace evntcons tdh accctrl aclapi aclui afunix af_irda aviriff avrt bcrypt ncrypt bluetoothapis
bthdef bthledef cfgmgr32 combaseapi comdef comdefsp commctrl commdlg comutil conio corecrt corecrt_io corecrt_math crtdbg
crtdefs d2d1 d2d1_1 d3d11 d3d11_1 d3d12 d3d9 d3dcompiler d3dcommon datetimeapi davclnt dbghelp dbt ddeml ddraw delayimp
devguid devpkey devpropdef dinput direct dispex dos dsound dshow dvdmedia dwmapi dwrite dxgi dxgi1_2 dxgi1_4 eh errhandlingapi
errors excpt exdisp fileapi fci fdi fibersapi functiondiscoverykeys functiondiscoverykeys_devpkey gdiplus guiddef handleapi
heapapi hidclass hidpi hidsdi hidusage htmlhelp iads icm icmpapi imagehlp imm initguid inspectable intrin io iphlpapi iptypes isguids
jobapi jobapi2 knownfolders ks ksmedia lm lmaccess lmapibuf lmcons lmerr lmserver lmshare lmwksta lmat locationapi
malloc mapi mapix mbstring mcx memoryapi mfapi mferror mfidl mfreadwrite minwindef mlang mmdeviceapi mmreg mmsystem msacm
mschapp mscoree msctf mshtml msi msiquery mtx nb30 netfw netioapi netlistmgr ntddcdrm ntdddisk ntddndis ntddscsi ntddser
ntddstor ntdef ntdll ntdsapi ntifs ntsecapi ntsecpkg ntstatus objbase objidl objsafe ocidl ole2 oleacc oleauto olectl oleidl
pathcch pdh pdhmsg playsoundapi portabledevice portabledeviceapi portabledevicetypes powrprof powerbase powersetting process
processenv processthreadsapi processtopologyapi profileapi propidl propkey propkeydef propsys propvarutil prsht psapi
rapi ras rasdlg raserror realtimeapiset reason restartmanager richedit roapi rpc rpcdce rpcndr rtcapi safeint sal sapi
schannel schnlsp sddl sdkddkver sehmap securitybaseapi security securityappcontainer sensapi servprov setupapi shellapi shellscalingapi
shldisp shlguid shlobj shlobj_core shlwapi shobjidl shobjidl_core shtypes snmp softpub specstrings sporder spatialaudioclient sqlext_win
sspi stralign stringapiset strmif strsafe structuredquery svcguid synchapi sysinfoapi systemmediatransportcontrolsinterop
systemtopologyapi t2embapi tapi tchar tcpestats tcpmib threadpoolapiset timeapi timezoneapi tlhelp32 tmschema tpcshrd
tom udpmib unknwn unknwnbase urlmon userenv uxtheme utilapiset vdmdbg vds versionhelpers vfw vfwmsgs virtdisk vsbackup vss
vssym32 vswriter wbemcli wbemidl wchar wct wdm werapi weakreference wia windows.foundation windowsstoragecom winapifamily wincodec
wincodecsdk winsafer winscard winstring winsxs winusb wscapi wspiapi wtsapi32 wtypes wtypesbase xaudio2 xinput xmllite xpsprint
audiopolicy audioclient audiosessiontypes endpointvolume atlbase atlcom atlcomcli atlconv atlstr atltypes afxwin afxext afx afxres
wrl ppl concrt amp dia2 cor corhdr corprof metahost roerrorapi hstring hyperv winhvplatform winhvemulation ehdata namedpipeapi
libloaderapi ioapiset interlockedapi enclaveapi debugapi consoleapi consoleapi2 consoleapi3 bemapiset basetsd apiset
apisetcconv apiquery2 activation mmiscapi mmsyscom mciapi joystickapi ime_cmodes dpapi cryptuiapi mssip mscat credentialprovider
"""
_INTRINSICS = """
adxintrin altivec ammintrin amxbf16intrin amxintrin amxtileintrin arm64_neon arm64intr arm64intrin arm_acle arm_bf16 arm_cmse arm_fp16 arm_mve arm_neon arm_sve
arm_sme armintr avx2intrin avx512bwintrin avx512dqintrin avx512fintrin avx512vlintrin avx512vpopcntdqintrin avxintrin
bmi2intrin bmiintrin clzerointrin cpuid emmintrin f16cintrin fma4intrin fmaintrin fxsrintrin gfniintrin htmintrin
htmxlintrin ia32intrin immintrin lasxintrin lsxintrin lwpintrin lzcntintrin mm3dnow mm_malloc mmintrin msa msa_macros nmmintrin
pclmulintrin pmmintrin popcntintrin ppu_intrinsics prfchwintrin quadmath rdseedintrin riscv_vector riscv_bitmanip rtmintrin s390intrin shaintrin smmintrin
spe spu_intrinsics tbmintrin tmmintrin vaesintrin vec_types vecintrin wasm_simd128 wmmintrin x86gprintrin x86intrin xmmintrin xopintrin xsaveintrin
xsaveoptintrin zmmintrin
"""
_PYTHON = """
Python pyconfig pymacro pyport patchlevel abstract bltinmodule boolobject bytearrayobject bytesobject bytes_methods cellobject
ceval classobject code codecs compile complexobject datetime descrobject dictobject dynamic_annotations enumobject errcode
eval fileobject fileutils floatobject frameobject funcobject genericaliasobject genobject graminit grammar import intrcheck
iterobject listobject longintrepr longobject marshal memoryobject methodobject modsupport moduleobject namespaceobject node
object objimpl odictobject opcode osdefs osmodule parsetok picklebufobject py_curses pyarena pyatomic pybuffer pycapsule pyctype pydebug
pydtrace pyerrors pyexpat pyfpe pyframe pyhash pylifecycle pymath pymem pystate pystats pystrcmp pystrhex pystrtod pythonrun pythread
pytime pytypedefs rangeobject setobject sliceobject structmember structseq symtable sysmodule token traceback tracemalloc
tupleobject typeslots unicodeobject ucnhash warnings weakrefobject descrobject cobject stringobject intobject bufferobject
"""
_FOLDERS = """
sys linux asm asm-generic bits net netinet netinet6 netpacket netrom netax25 neteconet netipx netiucv netash netatalk netrose arpa mach mach-o mach_debug
machine i386 architecture libkern os xpc dispatch objc malloc bsm corecrypto device secure security_user protocols rpcsvc scsi
misc mtd video gnu tr1 tr2 experimental ext parallel pstl debug backward decimal sanitizer cpython internal cuchar
msclr cliext winrt ppltasks wrl atl mingw64 c++ uapi nfs sound_kernel libproc simd arm unicode_win mntopts vm dev netlink sgx
CoreFoundation CoreServices CoreGraphics CoreText CoreAudio CoreAudioKit CoreAudioTypes CoreMedia CoreMediaIO CoreMIDI CoreVideo
CoreImage CoreML CoreData CoreWLAN CoreLocation CoreBluetooth CoreHaptics CoreMotion CoreTelephony Foundation AppKit UIKit Cocoa
Carbon ApplicationServices Accelerate vecLib Metal MetalKit MetalPerformanceShaders MetalPerformanceShadersGraph IOKit
IOBluetooth IOSurface Security SecurityFoundation SecurityInterface SystemConfiguration DiskArbitration DirectoryService
OpenDirectory AudioToolbox AudioUnit AVFoundation AVKit QuartzCore Quartz QuickLook QuickTime QTKit CommonCrypto CommonPanels
LocalAuthentication LaunchServices Kernel JavaScriptCore WebKit ScriptingBridge ServiceManagement StoreKit SceneKit SpriteKit
GameController GLKit ImageIO ImageCaptureCore InputMethodKit InstantMessage Intents MapKit MediaPlayer MediaToolbox ModelIO
MultipeerConnectivity NaturalLanguage Network NetworkExtension NotificationCenter PDFKit Photos PushKit ReplayKit Speech
UniformTypeIdentifiers UserNotifications VideoToolbox Vision XCTest CFNetwork Collaboration ColorSync Contacts CryptoTokenKit
DiscRecording EventKit ExceptionHandling ExecutionPolicy FinderSync ForceFeedback GSS Hypervisor AddressBook AppleScriptKit
Automator CalendarStore CloudKit GameKit HIToolbox OSAKit PreferencePanes PubSub ScreenSaver ScreenCaptureKit ShazamKit SoundAnalysis
SyncServices Virtualization iTunesLibrary Ruby Tk_apple
"""


def _headers(words: str, *suffixes: str) -> frozenset[bytes]:
    return frozenset(f"{word}{suffix}".encode() for word in words.split() for suffix in suffixes)


_EXACT = (
    _headers(_C, ".h")
    | _headers(_CPP, "", ".h")
    | _headers(_POSIX, ".h")
    | _headers(_INTRINSICS, ".h")
    | _headers(_PYTHON, ".h")
    | frozenset({b"bits/stdc++.h", b"stdc++.h", b"__config", b"rpc.h", b"sys.h", b"Security.h", b"Cocoa.h"})
)
# Windows has no case; `Windows.h` and `WinSock2.h` are as common as the documented spellings.
_ANY_CASE = _headers(_WINDOWS, ".h", ".hpp")
_TOP_FOLDERS = _headers(_FOLDERS, "")


def is_standard_header(header: bytes) -> bool:
    """Tell whether a header, as included, belongs to a language, a system or Python itself.

    >>> is_standard_header(b"sys/mman.h"), is_standard_header(b"Windows.h"), is_standard_header(b"zlib.h")
    (True, True, False)
    """
    if header in _EXACT:
        return True
    folder, slash, _ = header.partition(b"/")
    return folder in _TOP_FOLDERS if slash else header.lower() in _ANY_CASE
