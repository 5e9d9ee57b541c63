! Files that appear whole or not at all, and how the program gives up. Of the program run_shallow_water; the library neither
! writes nor stops.
!
! A file is written under a hidden temporary name beside its target and renamed once it is complete. Where the program
! fails it removes its temporaries; only one that is killed leaves some, names that end in ".partial", safe to delete.
module run_files
  use, intrinsic :: iso_c_binding
  use, intrinsic :: iso_fortran_env, only: error_unit
  implicit none
  private
  public :: fail, temporary_name, check_target, publish, is_terminal, leave, number_text, position_of

  integer, parameter :: most_pending = 8
  integer, parameter :: longest_path = 1100
  character(len=longest_path) :: pending(most_pending) = ''  ! temporaries that exist

  interface number_text
    procedure integer_text, real_text
  end interface

  interface
    integer(c_int) function c_rename(from, to) bind(C, name='rename')
      import :: c_int, c_char
      character(kind=c_char), intent(in) :: from(*), to(*)
    end function
    integer(c_int) function c_unlink(path) bind(C, name='unlink')
      import :: c_int, c_char
      character(kind=c_char), intent(in) :: path(*)
    end function
    type(c_ptr) function c_fopen(path, mode) bind(C, name='fopen')
      import :: c_ptr, c_char
      character(kind=c_char), intent(in) :: path(*), mode(*)
    end function
    integer(c_int) function c_fileno(stream) bind(C, name='fileno')
      import :: c_int, c_ptr
      type(c_ptr), value :: stream
    end function
    integer(c_int) function c_fsync(descriptor) bind(C, name='fsync')
      import :: c_int
      integer(c_int), value :: descriptor
    end function
    integer(c_int) function c_fclose(stream) bind(C, name='fclose')
      import :: c_int, c_ptr
      type(c_ptr), value :: stream
    end function
    integer(c_int) function c_isatty(descriptor) bind(C, name='isatty')
      import :: c_int
      integer(c_int), value :: descriptor
    end function
    integer(c_int) function c_getpid() bind(C, name='getpid')
      import :: c_int
    end function
    subroutine c_exit(code) bind(C, name='exit')
      import :: c_int
      integer(c_int), value :: code
    end subroutine
  end interface

contains

  ! One message on standard error, no file half-written, exit code 1.
  subroutine fail(what, why, remedy)
    character(len=*), intent(in) :: what              ! what happened and where, with the value
    character(len=*), intent(in), optional :: why     ! the likely reason
    character(len=*), intent(in), optional :: remedy  ! what to do
    integer :: k, ignored

    if (is_terminal()) write (error_unit, '(a)', advance='no') char(13)//char(27)//'[2K'  ! of an unfinished progress line
    write (error_unit, '(a)') 'run_shallow_water: '//what
    if (present(why)) write (error_unit, '(a)') '  why: '//why
    if (present(remedy)) write (error_unit, '(a)') '  try: '//remedy
    do k = 1, most_pending
      if (pending(k) /= '') ignored = c_unlink(trim(pending(k))//c_null_char)
    end do
    call leave(1)
  end subroutine fail

  ! Ends the program. Without the line that Fortran's stop would print.
  subroutine leave(code)
    integer, intent(in) :: code

    flush (error_unit)
    call c_exit(int(code, c_int))
  end subroutine leave

  ! Where to write what will be `target`; noted, so that a failure removes it.
  function temporary_name(target) result(name)
    character(len=*), intent(in) :: target
    character(len=:), allocatable :: name
    integer :: slash, k

    slash = index(target, '/', back=.true.)
    name = target(:slash)//'.'//target(slash+1:)//'.'//number_text(int(c_getpid()))//'.partial'
    k = position_of('', pending)
    pending(k) = name
  end function temporary_name

  ! Fails early, rather than after a long run, where a file cannot be written.
  subroutine check_target(target)
    character(len=*), intent(in) :: target
    character(len=:), allocatable :: probe
    type(c_ptr) :: stream
    integer :: ignored

    ! A folder opens for reading but cannot be renamed onto; "x/." exists only where x is one.
    stream = c_fopen(target//'/.'//c_null_char, 'r'//c_null_char)
    if (c_associated(stream)) then
      ignored = c_fclose(stream)
      call fail("cannot write '"//target//"': it is a folder", remedy='name a file in it')
    end if
    probe = temporary_name(target)
    stream = c_fopen(probe//c_null_char, 'w'//c_null_char)
    if (.not. c_associated(stream)) &
      call fail("cannot write '"//target//"'", 'its folder is not there or may not be written to', &
                'create the folder first, or name another')
    ignored = c_fclose(stream)
    ignored = c_unlink(probe//c_null_char)
    call forget(probe)
  end subroutine check_target

  ! Gives a finished file its name, once its bytes are on the disk.
  subroutine publish(temporary, target)
    character(len=*), intent(in) :: temporary, target
    type(c_ptr) :: stream
    integer :: code

    code = -1
    stream = c_fopen(temporary//c_null_char, 'r'//c_null_char)
    if (c_associated(stream)) then
      code = c_fsync(c_fileno(stream))
      code = code + c_fclose(stream)
    end if
    if (code /= 0) call fail("cannot bring '"//target//"' to the disk", remedy='look whether the disk is full')
    if (c_rename(temporary//c_null_char, target//c_null_char) /= 0) &
      call fail("cannot rename '"//temporary//"' to '"//target//"'", remedy='look at the permissions of the folder')
    call forget(temporary)
  end subroutine publish

  subroutine forget(temporary)
    character(len=*), intent(in) :: temporary
    where (pending == temporary) pending = ''
  end subroutine forget

  ! Whether standard error is a terminal.
  logical function is_terminal()
    is_terminal = c_isatty(2_c_int) /= 0
  end function is_terminal

  ! The first place of a text in a list, blanks at the end aside; 0 where it is not. (gfortran's findloc does not pad.)
  pure integer function position_of(text, list) result(k)
    character(len=*), intent(in) :: text, list(:)

    do k = 1, size(list)
      if (list(k) == text) return
    end do
    k = 0
  end function position_of

  ! A number for a message.
  pure function integer_text(value) result(text)
    integer, intent(in) :: value
    character(len=:), allocatable :: text
    character(len=20) :: buffer

    write (buffer, '(i0)') value
    text = trim(buffer)
  end function integer_text

  ! With all 17 digits where it needs them, since messages compare values.
  pure function real_text(value) result(text)
    real(c_double), intent(in) :: value
    character(len=:), allocatable :: text
    character(len=32) :: buffer
    real(c_double) :: back
    integer :: code

    write (buffer, '(g0.6)') value
    read (buffer, *, iostat=code) back
    if (code /= 0) back = 0
    if (abs(back - value) > 0) write (buffer, '(g0.17)') value
    text = trim(adjustl(buffer))
  end function real_text

end module run_files
