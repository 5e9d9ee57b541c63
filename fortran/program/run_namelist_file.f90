! A namelist file, strictly: unknown, repeated and unfinished groups are refused, which Fortran itself passes over.
module run_namelist_file
  use, intrinsic :: iso_fortran_env, only: iostat_end
  use run_files
  implicit none
  private
  public :: read_lines, check_group, path_of, one_of, file_text

  integer, parameter, public :: message_length = 300, path_length = 1000, line_length = 2000
  character(len=:), allocatable :: groups_there  ! names of the groups in the file, with blanks around each

contains

  ! The lines of the file, after a look at its groups. Read from memory: from a file gfortran misses a last group whose
  ! line does not end.
  subroutine read_lines(path, known, lines)
    character(len=*), intent(in) :: path, known(:)  ! known: names of groups, lower case
    character(len=line_length), allocatable, intent(out) :: lines(:)
    character(len=:), allocatable :: text
    integer :: k, first, count

    text = file_text(path)//achar(10)
    call look_at_groups(path, text, known)
    do k = 1, len(text)
      if (text(k:k) == achar(13) .or. text(k:k) == achar(9)) text(k:k) = ' '
    end do
    allocate (lines(count_of(text, achar(10))))
    first = 1
    count = 0
    do k = 1, len(text)
      if (text(k:k) /= achar(10)) cycle
      count = count + 1
      if (k - first > line_length) call fail('line '//number_text(count)//" of '"//path//"' is too long", &
                                             remedy='break it after a comma')
      lines(count) = text(first:k-1)
      first = k + 1
    end do
  end subroutine read_lines

  ! What reading a group has come to.
  subroutine check_group(path, group, code, message)
    character(len=*), intent(in) :: path, group, message
    integer, intent(in) :: code  ! of the read; the end of the file: there is no such group, and defaults hold

    if (code == 0) return
    if (code == iostat_end .and. index(groups_there, ' '//group//' ') == 0) return
    ! After a value that it cannot read gfortran goes on to the end of the file.
    if (code == iostat_end) call fail("the group &"//group//" in '"//path//"' cannot be read: a value is not of its key's kind", &
      remedy='give whole numbers for counts, .true. or .false. for switches, and quotes around texts')
    call fail("the group &"//group//" in '"//path//"' cannot be read: "//trim(message), &
              remedy='--help lists the keys of each group; texts need quotes, groups end with a /')
  end subroutine check_group

  ! A path as it was given; one that did not fit is refused rather than cut.
  function path_of(key, text) result(path)
    character(len=*), intent(in) :: key
    character(len=path_length), intent(in) :: text
    character(len=path_length) :: path

    path = text
    if (text(path_length:) /= '') call fail(key//' is longer than a path may be', &
                                            remedy='give less than '//number_text(path_length)//' characters')
  end function path_of

  subroutine one_of(key, value, known)
    character(len=*), intent(in)  :: key, value
    character(len=16), intent(in) :: known(:)
    character(len=:), allocatable :: list
    integer :: k

    if (any(value == known)) return
    list = trim(known(1))
    do k = 2, size(known)
      list = list//', '//trim(known(k))
    end do
    call fail(key//" is '"//trim(value)//"'", remedy='give one of: '//list)
  end subroutine one_of

  ! The bytes of a file.
  function file_text(path) result(text)
    character(len=*), intent(in) :: path
    character(len=:), allocatable :: text
    integer :: unit, length, code
    character(len=message_length) :: message

    open (newunit=unit, file=path, status='old', action='read', access='stream', form='unformatted', iostat=code, iomsg=message)
    if (code == 0) then
      inquire (unit, size=length)
      allocate (character(len=max(length, 0)) :: text)
      if (length > 0) read (unit, iostat=code, iomsg=message) text
      close (unit)
    end if
    if (code /= 0) call fail("cannot read '"//path//"': "//trim(message), remedy='check the path')
  end function file_text

  ! Walks through the text with its quotes and comments, and looks at what begins and ends.
  subroutine look_at_groups(path, text, known)
    character(len=*), intent(in) :: path, text, known(:)
    character(len=32) :: name
    logical :: inside, first
    character :: quote, c
    integer   :: k

    groups_there = ' '
    name = ''
    inside = .false.
    first = .true.   ! nothing but blanks on this line so far
    quote = ' '
    k = 0
    do while (k < len(text))
      k = k + 1
      c = text(k:k)
      if (c == achar(10)) then
        first = .true.
        cycle
      end if
      if (quote /= ' ') then
        if (c == quote) quote = ' '
      else if (c == '!') then
        k = k + scan(text(k+1:)//achar(10), achar(10)) - 1  ! to the end of the line
      else if (inside) then
        if (c == '''' .or. c == '"') quote = c
        if (c == '/') inside = .false.
        if (c == '&') call fail("the group &"//trim(name)//" in '"//path//"' is not closed before the next begins", &
                                remedy='end every group with a line of /')
      else if (c == '&') then
        name = lower_case(text(k+1:k+scan(text(k+1:)//' ', ' /,!'//achar(9)//achar(10)//achar(13))-1))
        if (position_of(name, known) == 0) call fail("'"//path//"' has a group &"//trim(name)//', which is not known', &
                                  remedy='the groups are '//list(known))
        if (index(groups_there, ' '//trim(name)//' ') > 0) call fail("'"//path//"' has the group &"//trim(name)//' twice', &
                                                                        remedy='join them')
        if (.not. first) call fail("the group &"//trim(name)//" in '"//path//"' does not begin a line", &
                                  remedy='move it to a line of its own')
        groups_there = groups_there//trim(name)//' '
        inside = .true.
      else if (scan(c, ' '//achar(9)//achar(13)) == 0) then
        call fail("'"//path//"' has text outside its groups, at '"//line_at(text, k)//"'", &
                  remedy='put ! before comments, and each key between &group and /')
      end if
      if (scan(c, ' '//achar(9)//achar(13)) == 0) first = .false.
    end do
    if (inside) call fail("the group &"//trim(name)//" in '"//path//"' is not closed", &
                          remedy='end it with a line of /, and close every quote')
  end subroutine look_at_groups

  pure integer function count_of(text, letter)
    character(len=*), intent(in) :: text
    character, intent(in) :: letter
    integer :: k
    count_of = count([(text(k:k) == letter, k=1, len(text))])
  end function count_of

  pure function lower_case(text) result(lower)
    character(len=*), intent(in) :: text
    character(len=len(text)) :: lower
    integer :: k

    lower = text
    do k = 1, len(text)
      if (text(k:k) >= 'A' .and. text(k:k) <= 'Z') lower(k:k) = achar(iachar(text(k:k)) + 32)
    end do
  end function lower_case

  pure function line_at(text, k) result(line)
    character(len=*), intent(in) :: text
    integer, intent(in) :: k
    character(len=:), allocatable :: line
    line = text(k:min(len(text), k + 40, k + scan(text(k:)//achar(10), achar(10)) - 2))
  end function line_at

  pure function list(names) result(text)
    character(len=*), intent(in) :: names(:)
    character(len=:), allocatable :: text
    integer :: k

    text = '&'//trim(names(1))
    do k = 2, size(names)
      text = text//', &'//trim(names(k))
    end do
  end function list

end module run_namelist_file
