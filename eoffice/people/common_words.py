"""Words on which people build guessable passwords, folded: no marks, no capitals.

Collected from habits, not from a leak: rows of keys, greetings, this program, the trade, and what
Vietnamese users add to pass a "strong password" meter. A password is refused when nothing else is
left of it once digits and signs at its ends are taken away.
"""

from __future__ import annotations

from typing import Final

COMMON_WORDS: Final = frozenset(
    """
    password passwords passw passwd passphrase mypassword letmein letmeinnow welcome welcomeback
    admin administrator adminadmin root superuser user username login signin default changeme
    changethis secret topsecret test testing tester temporary temp guest public private master
    qwerty qwertyuiop qwertyui qwertz azerty asdf asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc
    wsxedc poiuytrewq lkjhgfdsa mnbvcxz abcd abcde abcdef abcdefg abcdefgh abcdefghijkl iloveyou
    iloveu loveyou sunshine princess dragon monkey football baseball superman batman pokemon
    computer internet windows microsoft google facebook gmail samsung iphone android hello
    helloworld goodmorning thankyou forever friends family mother father baby angel lucky summer
    winter spring autumn monday sunday january december
    matkhau matkhaumoi matkhaucu matkhaumanh matkhaucuatoi matkhaubaomat nhapmatkhau doimatkhau
    quenmatkhau taikhoan dangnhap nguoidung quantri quantrivien xinchao chaoban camon tamtam
    anhyeuem emyeuanh yeuem yeuanh toiyeuban toiyeuvietnam yeunhau vietnam vietnamvodich hanoi
    saigon tphcm hochiminh bachovimuonnam chutichhochiminh dongthap thapmuoi caolanh sadec laivung
    cantho danang hue mientay hoasen bongsen giadinh hanhphuc conyeu concai bome chame ongba
    motnammotlan motbahaibon maimai mottinhyeu
    giaoduc giaoducdaotao giaoducvadaotao sogiaoduc sogddt phonggddt sogd bogddt giaovien giaovu
    hieutruong hieupho hocsinh phuhuynh nhatruong truonghoc tieuhoc trunghoc mamnon thpt thcs
    vanthu vanphong vanphongdientu congvan ioffice eoffice vnedu smas vnpt viettel sodiem
    sodiemdientu
    hocba lophoc thaygiao cogiao daytot hoctot daytothoctot thidua tienhochohau tienhoclehauhocvan
    """.split()
)
